"use client";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useAction } from "@/components/live/use-action";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { Panel } from "@/components/ui/panel";
import { createPlan } from "@/lib/actions/plans";
import type { ColdPlaceDto } from "@/lib/schemas/dataset";

/** What the object store that holds the segments offers for them. Each button leads to a plan. */
export function ColdActions({ datasetId, place }: { datasetId: string; place: ColdPlaceDto }) {
  const t = useTranslations("optimizePage");
  const router = useRouter();
  const { run, pending, error } = useAction(createPlan, (plan) => router.push(`/plans/${plan.planId}`));
  if (place.optimizeActions.length === 0) return null;
  return (
    <Panel title={place.name} className="max-w-3xl">
      {error && <Notice tone="bad">{error.message}</Notice>}
      <ul className="divide-y divide-line">
        {place.optimizeActions.map(({ kind, danger }) => (
          <li key={kind} className="flex flex-wrap items-center gap-3 py-2.5">
            <div className="min-w-0 flex-1 max-sm:basis-full">
              <div className="text-sm font-semibold">{t(`actions.${kind}`)}</div>
              <div className="text-sm text-muted">{t(`hints.${kind}`)}</div>
            </div>
            <Button
              tone={danger ? "danger-outline" : "secondary"}
              pending={pending}
              onClick={() =>
                run({
                  kind: "optimize",
                  params: { datasetId, tier: "cold", storeId: place.storeId, action: { kind } },
                })
              }
            >
              {t("plan", { action: t(`actions.${kind}`) })}
            </Button>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
