"use client";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useCallback, useEffect } from "react";
import { toast } from "sonner";
import { useAction } from "@/components/live/use-action";
import { Button, ButtonLink } from "@/components/ui/button";
import { createPlan } from "@/lib/actions/plans";

/** Restore, optimize, count, archive: each leads to a plan, none changes anything yet. */
export function DatasetActions({
  datasetId,
  parent,
  mayPlan,
  optimizes,
}: {
  datasetId: string;
  /** Whether its store has anything to optimize. */
  optimizes: boolean;
  /** A child moves with its parent: what moves rows leads there. */
  parent: { datasetId: string; name: string } | null;
  mayPlan: boolean;
}) {
  const t = useTranslations("datasets");
  const router = useRouter();
  const done = useCallback((plan: { planId: string }) => router.push(`/plans/${plan.planId}`), [router]);
  const { run, pending, error } = useAction(createPlan, done);
  useEffect(() => {
    if (error) toast.error(error.message);
  }, [error]);
  if (!mayPlan) return null;
  const path = `/datasets/${datasetId}`;
  return (
    <>
      {!parent && <ButtonLink href={`${path}/restore`}>{t("restore")}</ButtonLink>}
      {optimizes && <ButtonLink href={`${path}/optimize`}>{t("optimize")}</ButtonLink>}
      <Button pending={pending} onClick={() => run({ kind: "count", params: { datasetId } })}>
        {t("count")}
      </Button>
      {parent ? (
        <ButtonLink href={`/datasets/${parent.datasetId}/archive`} tone="primary">
          {t("archiveWith", { name: parent.name })}
        </ButtonLink>
      ) : (
        <ButtonLink href={`${path}/archive`} tone="primary">
          {t("archive")}
        </ButtonLink>
      )}
    </>
  );
}
