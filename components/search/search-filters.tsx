"use client";
import { useTimeZone, useTranslations } from "next-intl";
import { type FormEvent, useState } from "react";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input, Select } from "@/components/ui/input";
import { dayOf, dayStart } from "@/lib/format/day";
import { type SearchState, WORD_FILTERS, type WordFilter } from "./search-state";
import type { DatasetChoice } from "./search-view";

interface Props {
  state: SearchState;
  datasets: readonly DatasetChoice[];
  onChange: (change: Partial<SearchState>) => void;
}

const PAST_DAYS = [1, 7, 30, 90, 365] as const;

/** What narrows a search beside its words. A choice searches at once, a typed value with Enter or on leaving it. */
export function SearchFilters({ state, datasets, onChange }: Props) {
  const t = useTranslations("search");
  const [words, setWords] = useState<Record<WordFilter, string>>({
    user: state.user,
    model: state.model,
    status: state.status,
    tenant: state.tenant,
  });
  const commit = (event?: FormEvent) => {
    event?.preventDefault();
    if (WORD_FILTERS.some((name) => words[name].trim() !== state[name]))
      onChange(Object.fromEntries(WORD_FILTERS.map((name) => [name, words[name].trim()])));
  };
  const left = datasets.filter((dataset) => !state.datasetIds.includes(dataset.datasetId));
  return (
    <form
      onSubmit={commit}
      className="grid gap-3 rounded-md border border-line bg-surface p-4 sm:grid-cols-2 lg:grid-cols-4"
    >
      <Field label={t("dataset")}>
        <Select
          value=""
          placeholder={state.datasetIds.length > 0 ? t("oneMore") : t("allDatasets")}
          onChange={(event) => onChange({ datasetIds: [...state.datasetIds, event.target.value] })}
          options={left.map((dataset) => ({ value: dataset.datasetId, label: dataset.name }))}
        />
      </Field>
      {WORD_FILTERS.map((name) => (
        <Field key={name} label={t(name)}>
          <Input
            value={words[name]}
            maxLength={200}
            autoComplete="off"
            spellCheck={false}
            onChange={(event) => setWords({ ...words, [name]: event.target.value })}
            onBlur={() => commit()}
          />
        </Field>
      ))}
      <Days state={state} onChange={onChange} />
      <button type="submit" className="sr-only" tabIndex={-1}>
        {t("apply")}
      </button>
    </form>
  );
}

function Days({ state, onChange }: Pick<Props, "state" | "onChange">) {
  const t = useTranslations("search");
  const timeZone = useTimeZone() ?? "UTC";
  return (
    <>
      <Field label={t("fromDay")}>
        <Input
          type="date"
          value={dayOf(state.from, timeZone)}
          onChange={(event) => onChange({ from: dayStart(event.target.value, timeZone) ?? "" })}
        />
      </Field>
      <Field label={t("untilDay")} hint={t("zone", { zone: timeZone })}>
        <Input
          type="date"
          value={dayOf(state.until, timeZone, 1)}
          onChange={(event) => onChange({ until: dayStart(event.target.value, timeZone, 1) ?? "" })}
        />
      </Field>
      <div className="flex flex-wrap items-end gap-1.5 self-start pt-6">
        {PAST_DAYS.map((days) => (
          <Button
            key={days}
            size="sm"
            className="max-sm:h-10"
            onClick={() =>
              onChange({ from: new Date(Date.now() - days * 86_400_000).toISOString(), until: "" })
            }
          >
            {t("pastDays", { days })}
          </Button>
        ))}
      </div>
    </>
  );
}
