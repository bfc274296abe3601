"use client";
import { useRouter, useSearchParams } from "next/navigation";
import { useTranslations } from "next-intl";
import { useMemo, useState } from "react";
import { EmptyState } from "@/components/ui/empty-state";
import { ErrorState } from "@/components/ui/error-state";
import { SearchBox } from "./search-box";
import { SearchChips } from "./search-chips";
import { SearchFilters } from "./search-filters";
import { SearchIntro } from "./search-intro";
import { SearchResults } from "./search-results";
import { isEmptySearch, parseSearchState, type SearchState, searchHref, toQuery } from "./search-state";
import { SearchStatus } from "./search-status";
import { useSearch } from "./use-search";

export interface DatasetChoice {
  datasetId: string;
  name: string;
}

/** One box over all tiers. Everything that is asked stands in the address. */
export function SearchView({
  datasets,
  mayOperate,
}: {
  datasets: readonly DatasetChoice[];
  mayOperate: boolean;
}) {
  const t = useTranslations("search");
  const router = useRouter();
  const params = useSearchParams();
  const state = useMemo(() => parseSearchState(new URLSearchParams(params.toString())), [params]);
  const [filtering, setFiltering] = useState(false);
  const idle = isEmptySearch(state);
  const search = useSearch(idle ? null : toQuery(state));
  // Another question begins at its first page.
  const go = (change: Partial<SearchState>) =>
    router.push(searchHref({ ...state, cursor: "", ...change }), { scroll: false });
  if (datasets.length === 0) return <EmptyState title={t("noDatasets")}>{t("noDatasetsHint")}</EmptyState>;
  return (
    <>
      <div className="flex flex-wrap items-start gap-2">
        <SearchBox
          q={state.q}
          error={search.error?.fields.q && search.error.message}
          onSearch={(q) => go({ q })}
        />
        <SearchChips
          state={state}
          datasets={datasets}
          filtering={filtering}
          onFiltering={setFiltering}
          onChange={go}
        />
      </div>
      {filtering && (
        <SearchFilters key={`filters ${searchHref(state)}`} state={state} datasets={datasets} onChange={go} />
      )}
      <SearchStatus search={search} />
      {search.state === "idle" && <SearchIntro narrowed={state.datasetIds.length + state.tiers.length > 0} />}
      {search.state === "failed" && !search.error?.fields.q && (
        <ErrorState title={t("failed")} reference={search.error?.ref} onRetry={search.retry}>
          {search.error?.message}
        </ErrorState>
      )}
      {search.state !== "idle" && (
        <SearchResults key={searchHref(state)} search={search} state={state} mayOperate={mayOperate} />
      )}
    </>
  );
}
