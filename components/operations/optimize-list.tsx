"use client";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useAction } from "@/components/live/use-action";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { CodeBlock } from "@/components/ui/code-block";
import { Notice } from "@/components/ui/notice";
import { Panel } from "@/components/ui/panel";
import { createPlan } from "@/lib/actions/plans";
import type { AdviceDto, DatasetDetailDto } from "@/lib/schemas/dataset";
import { Sentence } from "./sentence";

const WORTH_TONE = { yes: "ok", no: "idle", maybe: "warn" } as const;

type OptimizeAction = NonNullable<AdviceDto["optimize"]>;

/** Every way to give space back, with advice why it is or is not worth it. Each leads to a plan. */
export function OptimizeList({ dataset }: { dataset: DatasetDetailDto }) {
  const t = useTranslations("optimizePage");
  const router = useRouter();
  const { run, pending, error } = useAction(createPlan, (plan) => router.push(`/plans/${plan.planId}`));
  const plan = (action: OptimizeAction) =>
    run({ kind: "optimize", params: { datasetId: dataset.datasetId, tier: "hot", action } });
  const advised = new Set(
    dataset.advice.flatMap((advice) => (advice.optimize ? [advice.optimize.kind] : [])),
  );
  return (
    <>
      {error && <Notice tone="bad">{error.message}</Notice>}
      {dataset.advice.map((advice) => (
        <Advice
          key={`${advice.key}:${advice.optimize?.kind ?? ""}:${advice.optimize?.index ?? ""}`}
          advice={advice}
          pending={pending}
          danger={dataset.optimizeActions.some(
            ({ kind, danger }) => danger && kind === advice.optimize?.kind,
          )}
          onPlan={plan}
        />
      ))}
      <Panel title={t("others")}>
        <ul className="divide-y divide-line">
          {dataset.optimizeActions
            .filter(({ kind }) => !advised.has(kind))
            .map(({ kind, danger }) => (
              <li key={kind} className="flex flex-wrap items-center gap-3 py-2.5">
                <div className="min-w-0 flex-1 max-sm:basis-full">
                  <div className="text-sm font-semibold">{t(`actions.${kind}`)}</div>
                  <div className="text-sm text-muted">{t(`hints.${kind}`)}</div>
                </div>
                <Button
                  tone={danger ? "danger-outline" : "secondary"}
                  pending={pending}
                  onClick={() => plan({ kind })}
                >
                  {t("plan", { action: t(`actions.${kind}`) })}
                </Button>
              </li>
            ))}
        </ul>
      </Panel>
    </>
  );
}

function Advice({
  advice,
  pending,
  danger,
  onPlan,
}: {
  advice: AdviceDto;
  pending: boolean;
  danger: boolean;
  onPlan: (action: OptimizeAction) => void;
}) {
  const t = useTranslations("optimizePage");
  const { optimize } = advice;
  return (
    <Panel
      title={
        optimize
          ? `${t(`actions.${optimize.kind}`)}${optimize.index ? ` ${optimize.index}` : ""}`
          : t("advice")
      }
      unit={<Badge tone={WORTH_TONE[advice.worth]}>{t(`worth.${advice.worth}`)}</Badge>}
      actions={
        optimize && (
          <Button
            tone={danger ? "danger-outline" : advice.worth === "yes" ? "primary" : "secondary"}
            pending={pending}
            onClick={() => onPlan(optimize)}
          >
            {t("plan", { action: t(`actions.${optimize.kind}`) })}
          </Button>
        )
      }
    >
      <p className="max-w-4xl text-sm">
        <Sentence sentence={advice} area="datasets.advice" />
      </p>
      {advice.statements.length > 0 && (
        <CodeBlock className="mt-2" code={advice.statements.join("\n")} label={t("statements")} wrap />
      )}
    </Panel>
  );
}
