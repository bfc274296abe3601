"use client";
import { Download, ListFilter, X } from "lucide-react";
import { useLocale, useTimeZone, useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { TierMark } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { classNames } from "@/components/ui/class-names";
import { Menu } from "@/components/ui/menu";
import { formatDate } from "@/lib/format/time";
import { exportUrl } from "@/lib/queries/search";
import { TIERS } from "@/lib/schemas/dataset";
import { EXPORT_FORMATS } from "@/lib/schemas/search";
import { isEmptySearch, type SearchState, toggleTier, toQuery, WORD_FILTERS } from "./search-state";
import type { DatasetChoice } from "./search-view";

interface Props {
  state: SearchState;
  datasets: readonly DatasetChoice[];
  filtering: boolean;
  onFiltering: (filtering: boolean) => void;
  onChange: (change: Partial<SearchState>) => void;
}

/** What narrows the search, each to be taken off; which tiers; filters and export. */
export function SearchChips({ state, datasets, filtering, onFiltering, onChange }: Props) {
  const t = useTranslations("search");
  const tiers = useTranslations("tiers");
  return (
    <div className="flex min-h-10 flex-wrap items-center gap-2">
      {state.datasetIds.map((datasetId) => (
        <Chip
          key={datasetId}
          onRemove={() => onChange({ datasetIds: state.datasetIds.filter((one) => one !== datasetId) })}
        >
          {datasets.find((dataset) => dataset.datasetId === datasetId)?.name ?? datasetId}
        </Chip>
      ))}
      {WORD_FILTERS.filter((name) => state[name]).map((name) => (
        <Chip key={name} onRemove={() => onChange({ [name]: "" })}>
          {t(name)} <b className="font-semibold">{state[name]}</b>
        </Chip>
      ))}
      {(state.from || state.until) && <TimeChip state={state} onChange={onChange} />}
      <fieldset className="flex gap-1.5">
        <legend className="sr-only">{t("tiers")}</legend>
        {TIERS.map((tier) => {
          const on = state.tiers.length === 0 || state.tiers.includes(tier);
          return (
            <button
              key={tier}
              type="button"
              aria-pressed={on}
              onClick={() => onChange({ tiers: toggleTier(state.tiers, tier) })}
              className={classNames(
                "inline-flex h-7 items-center gap-1.5 rounded-md border border-line px-2.5 text-xs transition-colors hover:border-line-strong max-sm:h-10",
                on ? "bg-surface text-ink" : "bg-transparent text-muted line-through",
              )}
            >
              <span className={on ? "flex" : "flex opacity-40"}>
                <TierMark tier={tier} />
              </span>
              {tiers(tier)}
            </button>
          );
        })}
      </fieldset>
      <Button
        size="sm"
        className="max-sm:h-10"
        aria-expanded={filtering}
        icon={<ListFilter aria-hidden size={13} />}
        onClick={() => onFiltering(!filtering)}
      >
        {t("filters")}
      </Button>
      {!isEmptySearch(state) && <ExportMenu state={state} />}
    </div>
  );
}

function TimeChip({ state, onChange }: Pick<Props, "state" | "onChange">) {
  const t = useTranslations("search");
  const locale = useLocale();
  const timeZone = useTimeZone();
  const from = state.from && formatDate(state.from, { locale, timeZone });
  // The last instant that still belongs to a half-open range.
  const until = state.until && formatDate(Date.parse(state.until) - 1, { locale, timeZone });
  return (
    <Chip onRemove={() => onChange({ from: "", until: "" })}>
      {from && until ? `${from} – ${until}` : from ? t("since", { day: from }) : t("upTo", { day: until })}
    </Chip>
  );
}

function Chip({ onRemove, children }: { onRemove: () => void; children: ReactNode }) {
  const t = useTranslations("search");
  return (
    <span className="inline-flex h-7 max-w-64 items-center rounded-md border border-line bg-surface pl-2.5 text-xs max-sm:h-10">
      <span className="truncate">{children}</span>
      <button
        type="button"
        aria-label={t("removeFilter")}
        title={t("removeFilter")}
        onClick={onRemove}
        className="inline-flex h-full items-center rounded-md px-1.5 text-muted hover:text-ink max-sm:px-3"
      >
        <X aria-hidden size={12} />
      </button>
    </span>
  );
}

/** A click on a link of its own: the page stays, the browser saves the stream. */
function download(url: string): void {
  const link = document.createElement("a");
  link.href = url;
  link.download = "";
  link.click();
}

function ExportMenu({ state }: { state: SearchState }) {
  const t = useTranslations("search");
  return (
    <Menu
      label={t("export")}
      trigger={
        <Button size="sm" className="max-sm:h-10" icon={<Download aria-hidden size={13} />}>
          {t("export")}
        </Button>
      }
      entries={EXPORT_FORMATS.map((format) => ({
        key: format,
        label: t(`formats.${format}`),
        hint: t(`formatHints.${format}`),
        onSelect: () => download(exportUrl(toQuery(state), format)),
      }))}
    />
  );
}
