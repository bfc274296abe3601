import { getTranslations } from "next-intl/server";
import { found } from "@/app/(console)/attempt";
import { PlanConflicts } from "@/components/operations/plan-conflicts";
import { PlanEffects } from "@/components/operations/plan-effects";
import { PlanMonths } from "@/components/operations/plan-months";
import { PlanRun } from "@/components/operations/plan-run";
import { PlanState } from "@/components/operations/plan-state";
import { PlanSummary } from "@/components/operations/plan-summary";
import { PageFrame } from "@/components/shell/page-frame";
import { requireUser } from "@/lib/auth/page";
import { getPlan } from "@/lib/services/plans/get";

/** A stored dry run: what it would do, and the one place from which it can be run. */
export default async function PlanPage({ params }: { params: Promise<{ planId: string }> }) {
  const [user, { planId }, t] = await Promise.all([requireUser(), params, getTranslations("planPage")]);
  const plan = await found(getPlan(user, { planId }));
  const { body } = plan;
  return (
    <PageFrame
      breadcrumbs={[
        { label: t("datasets"), href: "/datasets" },
        { label: body.datasetName, href: `/datasets/${plan.datasetId}` },
        { label: t(`title.${plan.kind}`) },
      ]}
    >
      <PlanState plan={plan} />
      <PlanSummary plan={plan} />
      <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,2fr)_minmax(0,3fr)]">
        <div className="flex min-w-0 flex-col gap-4">
          <PlanMonths members={body.members} exact={body.exact} />
          <PlanConflicts conflicts={body.conflicts} />
        </div>
        <PlanEffects body={body} />
      </div>
      {plan.state === "ready" && user.role !== "viewer" && <PlanRun plan={plan} />}
    </PageFrame>
  );
}
