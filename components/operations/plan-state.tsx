import { useTranslations } from "next-intl";
import { ButtonLink } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import type { PlanDto } from "@/lib/schemas/plan";

/** Why a plan cannot be run, and where to go instead. Nothing for a ready one. */
export function PlanState({ plan }: { plan: PlanDto }) {
  const t = useTranslations("planPage");
  if (plan.state === "ready") return null;
  const again = plan.datasetId && (
    <ButtonLink href={`/datasets/${plan.datasetId}/${plan.kind === "count" ? "" : plan.kind}`} size="sm">
      {t("planAgain")}
    </ButtonLink>
  );
  if (plan.state === "used")
    return (
      <Notice
        tone="info"
        actions={
          plan.operationId && (
            <ButtonLink href={`/operations/${plan.operationId}`} size="sm">
              {t("toOperation")}
            </ButtonLink>
          )
        }
      >
        {t("wasUsed")}
      </Notice>
    );
  return (
    <Notice tone={plan.state === "blocked" ? "bad" : "warn"} actions={again}>
      {t(plan.state === "blocked" ? "isBlocked" : "isExpired")}
    </Notice>
  );
}
