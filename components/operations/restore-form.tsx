"use client";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { type FormEvent, useState } from "react";
import { useAction } from "@/components/live/use-action";
import { Button } from "@/components/ui/button";
import { Radio } from "@/components/ui/choice";
import { Field } from "@/components/ui/field";
import { Count } from "@/components/ui/figures";
import { Form, FormRow, FormSection } from "@/components/ui/form";
import { Input } from "@/components/ui/input";
import { Panel } from "@/components/ui/panel";
import { createPlan } from "@/lib/actions/plans";
import type { DatasetDetailDto } from "@/lib/schemas/dataset";

const instant = (day: string): string | null => (day ? `${day}T00:00:00Z` : null);

/** Which rows come back to hot: a range of time, or the rows named by `keys` (a search result). */
export function RestoreForm({
  dataset,
  keys,
  from,
}: {
  dataset: DatasetDetailDto;
  keys: string[][];
  from?: "archive" | "cold";
}) {
  const t = useTranslations("restoreForm");
  const router = useRouter();
  const [tier, setTier] = useState<"archive" | "cold">(
    from ?? (dataset.cold.segmentCount > 0 ? "cold" : "archive"),
  );
  const [since, setSince] = useState("");
  const [until, setUntil] = useState("");
  const { run, pending, error } = useAction(createPlan, (plan) => router.push(`/plans/${plan.planId}`));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const which = keys.length > 0 ? { keys } : { range: { from: instant(since), until: instant(until) } };
    run({ kind: "restore", params: { datasetId: dataset.datasetId, from: tier, ...which } });
  };
  return (
    <Panel className="max-w-3xl">
      <Form
        onSubmit={submit}
        error={error?.message}
        actions={
          <Button type="submit" tone="primary" pending={pending}>
            {pending ? t("planning") : t("plan")}
          </Button>
        }
      >
        <FormSection title={t("from")}>
          <Radio
            name="tier"
            checked={tier === "cold"}
            onChange={() => setTier("cold")}
            label={t("cold")}
            hint={t.rich("coldHint", {
              segments: dataset.cold.segmentCount,
              rows: () => <Count value={dataset.cold.rowCount} />,
            })}
          />
          <Radio
            name="tier"
            checked={tier === "archive"}
            onChange={() => setTier("archive")}
            label={t("archive")}
            hint={
              dataset.archiveTable
                ? `${dataset.archiveTable.schema}.${dataset.archiveTable.name}`
                : t("noArchive")
            }
          />
        </FormSection>
        {keys.length > 0 ? (
          <p className="text-sm">{t("byKeys", { count: keys.length })}</p>
        ) : (
          <FormSection title={t("range")} hint={t("rangeHint")}>
            <FormRow>
              <Field label={t("since")} error={error?.fields["params.range.from"]}>
                <Input type="date" value={since} onChange={(event) => setSince(event.target.value)} />
              </Field>
              <Field label={t("until")} error={error?.fields["params.range.until"]}>
                <Input type="date" value={until} onChange={(event) => setUntil(event.target.value)} />
              </Field>
            </FormRow>
          </FormSection>
        )}
      </Form>
    </Panel>
  );
}
