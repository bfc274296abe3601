import { useLocale, useTimeZone, useTranslations } from "next-intl";
import { Panel } from "@/components/ui/panel";
import { formatBytes } from "@/lib/format/bytes";
import { formatCount } from "@/lib/format/count";
import { formatDurationRange } from "@/lib/format/duration";
import { formatByteRate } from "@/lib/format/rate";
import { formatDateTime } from "@/lib/format/time";
import type { PlanBody, PlanDto } from "@/lib/schemas/plan";
import { Sentence } from "./sentence";

const bold = (chunks: React.ReactNode) => <strong className="font-semibold">{chunks}</strong>;

/** The first thing an operator reads: what will happen, in one sentence, then what it costs and how to undo it. */
export function PlanSummary({ plan }: { plan: PlanDto }) {
  const t = useTranslations("planPage");
  const locale = useLocale();
  const timeZone = useTimeZone();
  const { body } = plan;
  const actions = useTranslations("optimizePage.actions");
  const actionName = (kind: string) => (kind && actions.has(kind) ? actions(kind) : kind);
  const params = plan.params as { target?: { tier?: string }; from?: string; action?: { kind?: string } };
  const variant =
    body.kind === "archive"
      ? `archive_${params.target?.tier ?? "archive"}`
      : body.kind === "restore"
        ? `restore_${params.from ?? "archive"}`
        : body.kind;
  return (
    <Panel>
      <p className="text-lg max-w-4xl [overflow-wrap:anywhere]">
        {t.rich(`lead.${variant}`, {
          b: bold,
          rows: `${body.exact ? "" : "~"}${formatCount(body.rowCount, locale)}`,
          count: body.rowCount,
          bytes: formatBytes(body.sizeBytes, locale),
          cutoff: body.cutoffAt ? formatDateTime(body.cutoffAt, { locale, timeZone }) : "",
          dataset: body.datasetName,
          target: body.targetName ?? "",
          action: actionName(params.action?.kind ?? ""),
        })}
      </p>
      <p className="mt-1.5 max-w-4xl text-sm">
        <Estimate body={body} /> <Space body={body} />{" "}
        <span className="text-muted">
          {t("undo")} <Sentence sentence={body.undo} />
        </span>
      </p>
    </Panel>
  );
}

function Estimate({ body }: { body: PlanBody }) {
  const t = useTranslations("planPage");
  const locale = useLocale();
  if (!body.estimate) return <>{t("noEstimate")}</>;
  const { minMs, maxMs, bytesPerSec, measured } = body.estimate;
  return (
    <>
      {t.rich(measured ? "estimateMeasured" : "estimateTrial", {
        b: bold,
        duration: formatDurationRange(minMs, maxMs, locale),
        rate: formatByteRate(bytesPerSec, locale),
      })}
    </>
  );
}

function Space({ body }: { body: PlanBody }) {
  const t = useTranslations("planPage");
  const locale = useLocale();
  const { reusableBytes, returnedBytes, targetBytes, freeBytes } = body.space;
  if (body.kind === "count") return null;
  return (
    <>
      {t(`space.${body.kind}`, {
        reusable: formatBytes(reusableBytes, locale),
        returned: formatBytes(returnedBytes, locale),
        target: formatBytes(targetBytes, locale),
      })}
      {freeBytes !== null &&
        ` ${t("free", { free: formatBytes(freeBytes, locale), after: formatBytes(Math.max(0, freeBytes - targetBytes), locale) })}`}
    </>
  );
}
