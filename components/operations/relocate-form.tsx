"use client";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { type FormEvent, useState } from "react";
import { useAction } from "@/components/live/use-action";
import { Button } from "@/components/ui/button";
import { Radio } from "@/components/ui/choice";
import { EmptyState } from "@/components/ui/empty-state";
import { Bytes, Count } from "@/components/ui/figures";
import { Form, FormSection } from "@/components/ui/form";
import { Panel } from "@/components/ui/panel";
import { createPlan } from "@/lib/actions/plans";
import type { ColdPlaceDto, DatasetDetailDto } from "@/lib/schemas/dataset";

/** From which object store to which other one the family's segments move. Leads to a plan. */
export function RelocateForm({
  dataset,
  places,
}: {
  dataset: DatasetDetailDto;
  places: readonly ColdPlaceDto[];
}) {
  const t = useTranslations("relocateForm");
  const router = useRouter();
  const [from, setFrom] = useState(places[0]?.storeId ?? "");
  const targets = dataset.coldTargets.filter(({ storeId }) => storeId !== from);
  const [chosen, setChosen] = useState(targets[0]?.storeId ?? "");
  const to = targets.some(({ storeId }) => storeId === chosen) ? chosen : (targets[0]?.storeId ?? "");
  const { run, pending, error } = useAction(createPlan, (plan) => router.push(`/plans/${plan.planId}`));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    run({ kind: "relocate", params: { datasetId: dataset.datasetId, from, to } });
  };
  if (places.length === 0) return <EmptyState title={t("empty")}>{t("emptyHint")}</EmptyState>;
  return (
    <Panel title={t("move")} className="max-w-3xl">
      <Form
        onSubmit={submit}
        error={error?.message}
        actions={
          <Button type="submit" tone="primary" pending={pending} disabled={to === ""}>
            {pending ? t("planning") : t("plan")}
          </Button>
        }
      >
        <FormSection title={t("from")}>
          {places.map((place) => (
            <Radio
              key={place.storeId}
              name="from"
              checked={from === place.storeId}
              onChange={() => setFrom(place.storeId)}
              label={place.name}
              hint={t.rich("holds", {
                segments: place.segmentCount,
                rows: () => <Count value={place.rowCount} />,
                bytes: () => <Bytes value={place.sizeBytes} />,
              })}
            />
          ))}
        </FormSection>
        <FormSection title={t("to")} hint={targets.length === 0 ? t("noTarget") : t("toHint")}>
          {targets.map((target) => (
            <Radio
              key={target.storeId}
              name="to"
              checked={to === target.storeId}
              onChange={() => setChosen(target.storeId)}
              label={target.name}
              hint={target.writesEnabled ? undefined : t("readOnly")}
            />
          ))}
        </FormSection>
      </Form>
    </Panel>
  );
}
