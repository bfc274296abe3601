"use client";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { type FormEvent, useState } from "react";
import { useAction } from "@/components/live/use-action";
import { Button } from "@/components/ui/button";
import { Radio } from "@/components/ui/choice";
import { Field } from "@/components/ui/field";
import { Form, FormSection } from "@/components/ui/form";
import { Input } from "@/components/ui/input";
import { Panel } from "@/components/ui/panel";
import { createPlan } from "@/lib/actions/plans";
import type { DatasetDetailDto } from "@/lib/schemas/dataset";

const DAY_MS = 86_400_000;
const dayOf = (days: number): string => new Date(Date.now() - days * DAY_MS).toISOString().slice(0, 10);

/** Cut-off and target; the answer is a plan, not an effect. */
export function ArchiveForm({ dataset }: { dataset: DatasetDetailDto }) {
  const t = useTranslations("archiveForm");
  const router = useRouter();
  const [mode, setMode] = useState<"age" | "date">("age");
  const [days, setDays] = useState(dataset.keepDays ?? 90);
  const [date, setDate] = useState(dayOf(dataset.keepDays ?? 90));
  const usable = dataset.coldTargets.filter((target) => target.writesEnabled);
  const [target, setTarget] = useState(usable[0]?.storeId ?? "archive");
  const { run, pending, error } = useAction(createPlan, (plan) => router.push(`/plans/${plan.planId}`));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    run({
      kind: "archive",
      params: {
        datasetId: dataset.datasetId,
        cutoff: mode === "age" ? { days } : { at: `${date}T00:00:00Z` },
        target: target === "archive" ? { tier: "archive" } : { tier: "cold", storeId: target },
      },
    });
  };
  const cutoffError =
    error?.fields.cutoff ?? error?.fields["params.cutoff"] ?? error?.fields["params.cutoff.days"];
  return (
    <Panel className="max-w-3xl">
      <Form
        onSubmit={submit}
        error={error && !cutoffError ? error.message : undefined}
        actions={
          <Button type="submit" tone="primary" pending={pending}>
            {pending ? t("planning") : t("plan")}
          </Button>
        }
      >
        <FormSection title={t("cutoff")} hint={t("cutoffHint")}>
          <div className="flex flex-wrap gap-x-6 gap-y-2">
            <Radio name="mode" checked={mode === "age"} onChange={() => setMode("age")} label={t("byAge")} />
            <Radio
              name="mode"
              checked={mode === "date"}
              onChange={() => setMode("date")}
              label={t("byDate")}
            />
          </div>
          {mode === "age" ? (
            <Field
              label={t("days")}
              hint={t("daysHint", { date: dayOf(days || 0) })}
              error={cutoffError}
              className="max-w-xs"
            >
              <Input
                type="number"
                min={1}
                max={36_500}
                value={days || ""}
                onChange={(event) => setDays(Math.min(36_500, Number(event.target.value)))}
              />
            </Field>
          ) : (
            <Field label={t("date")} hint={t("dateHint")} error={cutoffError} className="max-w-xs">
              <Input type="date" value={date} onChange={(event) => setDate(event.target.value)} />
            </Field>
          )}
        </FormSection>
        <FormSection title={t("target")}>
          <TargetChoice dataset={dataset} target={target} onChange={setTarget} />
        </FormSection>
      </Form>
    </Panel>
  );
}

function TargetChoice({
  dataset,
  target,
  onChange,
}: {
  dataset: DatasetDetailDto;
  target: string;
  onChange: (target: string) => void;
}) {
  const t = useTranslations("archiveForm");
  const table = dataset.archiveTable
    ? `${dataset.archiveTable.schema}.${dataset.archiveTable.name}`
    : `${dataset.schemaName}.${dataset.tableName}_archive`;
  const movesRows = dataset.abilities.includes("moveRows");
  const coldHint = t(dataset.leavesBy === "expiry" ? "coldCopyHint" : "coldHint");
  return (
    <div className="flex flex-col gap-3">
      {dataset.coldTargets.map((cold) => (
        <Radio
          key={cold.storeId}
          name="target"
          checked={target === cold.storeId}
          disabled={!cold.writesEnabled}
          onChange={() => onChange(cold.storeId)}
          label={t("cold", { name: cold.name })}
          hint={cold.writesEnabled ? coldHint : t("coldReadOnly", { name: cold.name })}
        />
      ))}
      {dataset.coldTargets.length === 0 && <p className="text-sm text-muted">{t("noCold")}</p>}
      <Radio
        name="target"
        checked={target === "archive"}
        disabled={!movesRows}
        onChange={() => onChange("archive")}
        label={movesRows ? t("table", { table }) : t("noTable")}
        hint={movesRows ? t("tableHint") : t("tableCannot", { store: dataset.storeName })}
      />
    </div>
  );
}
