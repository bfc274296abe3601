"use client";
import { useLocale, useTranslations } from "next-intl";
import { ReasonText } from "@/components/operations/reason-text";
import { StateBadge } from "@/components/ui/badge";
import { Bytes, Count, Duration, Rate } from "@/components/ui/figures";
import { Progress } from "@/components/ui/progress";
import { Stat, Stats } from "@/components/ui/stat";
import { type StepItem, Steps } from "@/components/ui/steps";
import { TimeAgo } from "@/components/ui/time-ago";
import { formatProgress } from "@/lib/format/percent";
import { ENDED_STATES, type OperationDetailDto } from "@/lib/schemas/operation";

type Props = { operation: OperationDetailDto };

/** State, phases, the bar, and the figures an operator looks for first. */
export function OperationHead({ operation }: Props) {
  const t = useTranslations("operationPage");
  return (
    <section aria-label={t("progress")} className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center gap-x-5 gap-y-1">
        <StateBadge state={operation.state} />
        <Phases operation={operation} />
      </div>
      <Progress
        key={operation.operationId}
        ratio={operation.state === "queued" ? 0 : operation.progress}
        label={t("progress")}
        size="lg"
        tone={barTone(operation.state)}
      />
      <HeadFigures operation={operation} />
    </section>
  );
}

const barTone = (state: OperationDetailDto["state"]) =>
  state === "failed"
    ? "bad"
    : state === "succeeded"
      ? "ok"
      : state === "partial" || state === "paused"
        ? "warn"
        : state === "cancelled"
          ? "muted"
          : "accent";

function Phases({ operation }: Props) {
  const t = useTranslations("operationPage");
  const locale = useLocale();
  const failed = operation.state === "failed";
  const items: StepItem[] = [
    { key: "plan", label: t("steps.plan"), state: "done" },
    ...operation.steps.map((step): StepItem => {
      const current = step.state === "running";
      const name = t.has(`steps.${step.name}`) ? t(`steps.${step.name}`) : step.name;
      const phase =
        current && step.phase
          ? ` · ${t.has(`phases.${step.phase}`) ? t(`phases.${step.phase}`) : step.phase}`
          : "";
      return {
        key: step.name,
        label: `${name}${phase}`,
        state:
          step.state === "done" || step.state === "skipped"
            ? "done"
            : current
              ? failed
                ? "failed"
                : "current"
              : "pending",
        note:
          current && !failed && step.name !== "proof"
            ? formatProgress(operation.progress, locale)
            : undefined,
      };
    }),
  ];
  return <Steps steps={items} label={t("phasesLabel")} />;
}

function HeadFigures({ operation }: Props) {
  const t = useTranslations("operationPage");
  const ended = ENDED_STATES.includes(operation.state);
  return (
    <Stats>
      <Stat
        value={<Count value={operation.doneRows} />}
        caption={
          operation.totalRows === null
            ? t("rowsDone")
            : t.rich("ofRows", { total: () => <Count value={operation.totalRows} /> })
        }
      />
      {operation.totalBytes !== null && (
        <Stat
          value={<Bytes value={operation.doneBytes} />}
          caption={
            operation.doneBytes > operation.totalBytes || ended
              ? t(t.has(`bytesDoneOf.${operation.kind}`) ? `bytesDoneOf.${operation.kind}` : "bytesDone")
              : t.rich("ofBytes", { total: () => <Bytes value={operation.totalBytes} /> })
          }
        />
      )}
      {!ended && (
        <Stat
          value={<Rate value={operation.bytesPerSec} per="bytes" />}
          caption={<Rate value={operation.rowsPerSec} per="rows" />}
        />
      )}
      {!ended && (
        <Stat
          value={<Duration value={operation.etaMs?.min} untilMs={operation.etaMs?.max} reason={t("noEta")} />}
          caption={t("left")}
        />
      )}
      {ended ? (
        <Stat value={<Duration value={span(operation)} reason={t("neverStarted")} />} caption={t("took")} />
      ) : (
        <Stat
          value={<TimeAgo value={operation.heartbeatAt} reason={t("noHeartbeat")} />}
          caption={t("heartbeat", { worker: operation.leaseOwner ?? "–" })}
        />
      )}
      {!ended && operation.throttleReason && (
        <Stat
          value={
            <span className="text-base text-warn">
              <ReasonText text={operation.throttleReason} />
            </span>
          }
          caption={t("throttled")}
        />
      )}
      {ended && <Stat value={<TimeAgo value={operation.endedAt} />} caption={t("ended")} />}
    </Stats>
  );
}

const span = ({ startedAt, endedAt }: OperationDetailDto): number | null =>
  startedAt && endedAt ? Date.parse(endedAt) - Date.parse(startedAt) : null;
