"use client";
import { useTranslations } from "next-intl";
import { type FocusEvent, useEffect, useMemo, useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { Pagination } from "@/components/ui/pagination";
import { SkeletonTable } from "@/components/ui/skeleton";
import { Table, TableFrame, Th } from "@/components/ui/table";
import { type SearchRow, type SearchRowId, searchRowId } from "@/lib/schemas/search";
import { RestoreBar } from "./restore-bar";
import { rowsInOrder, settleRows } from "./search-result";
import { SearchResultRow } from "./search-result-row";
import { type SearchState, searchHref } from "./search-state";
import { tierLines } from "./tier-lines";
import { useRowKeys } from "./use-row-keys";
import type { RunningSearch } from "./use-search";

/** As the schema of a search has it. */
const PAGE_ROWS = 50;

/** From a page to the one before it, as this tab came by; after a reload "newer" leads to the first page. */
const cameFrom = new Map<string, string>();

/** The rows of one page. While somebody points at them or walks through them, nothing moves: new ones wait. */
export function SearchResults({
  search,
  state,
  mayOperate,
}: {
  search: RunningSearch;
  state: SearchState;
  mayOperate: boolean;
}) {
  const t = useTranslations("search");
  // Tiers offer a page each: what cannot be on this one would come and go.
  const rows = useMemo(() => rowsInOrder(search.result).slice(0, PAGE_ROWS), [search.result]);
  const [frozen, setFrozen] = useState<readonly SearchRow[] | null>(null);
  const [selected, setSelected] = useState<ReadonlySet<SearchRowId>>(new Set());
  const box = useRef<HTMLElement>(null);
  useRowKeys(box);
  const shown = settleRows(frozen ?? [], rows, frozen !== null);
  const hold = () => setFrozen((old) => old ?? (rows.length > 0 ? rows : null));
  const left = (event: FocusEvent) => !event.currentTarget.contains(event.relatedTarget);
  const toggle = (id: SearchRowId) =>
    setSelected((old) => new Set(old.has(id) ? [...old].filter((one) => one !== id) : [...old, id]));
  if (rows.length === 0) return <NoRows search={search} state={state} />;
  return (
    <>
      <section
        ref={box}
        aria-label={t("results")}
        className="relative"
        onPointerEnter={hold}
        onPointerLeave={() => setFrozen(null)}
        onFocus={hold}
        onBlur={(event) => left(event) && setFrozen(null)}
      >
        {shown.waiting > 0 && (
          <div className="absolute -top-3.5 left-1/2 z-20 -translate-x-1/2">
            <Button size="sm" tone="primary" onClick={() => setFrozen(rows)}>
              {t("waiting", { count: shown.waiting })}
            </Button>
          </div>
        )}
        <ResultTable
          rows={shown.rows}
          q={state.q}
          selected={selected}
          onToggle={mayOperate ? toggle : null}
        />
      </section>
      {mayOperate && selected.size > 0 && (
        <RestoreBar
          rows={rows.filter((row) => selected.has(searchRowId(row)))}
          onClear={() => setSelected(new Set())}
        />
      )}
      <Pages search={search} state={state}>
        {t("shownRows", { count: shown.rows.length })}
      </Pages>
    </>
  );
}

function NoRows({ search, state }: { search: RunningSearch; state: SearchState }) {
  const t = useTranslations("search");
  if (search.state === "running")
    return (
      <TableFrame>
        <SkeletonTable rows={8} columns={5} />
      </TableFrame>
    );
  if (search.state === "failed") return null;
  // "Nothing" is only true of what could be looked into.
  const blind = tierLines([...search.result.tiers.values()]).some(
    (line) => line.kind === "failed" || line.kind === "missing",
  );
  const said = blind ? "nothingWhere" : state.cursor ? "endOfResults" : "nothing";
  return (
    <>
      <EmptyState title={t(said)} action={blind && <Button onClick={search.retry}>{t("again")}</Button>}>
        {t(`${said}Hint`)}
      </EmptyState>
      <Pages search={search} state={state} />
    </>
  );
}

function ResultTable({
  rows,
  q,
  selected,
  onToggle,
}: {
  rows: readonly SearchRow[];
  q: string;
  selected: ReadonlySet<SearchRowId>;
  onToggle: ((id: SearchRowId) => void) | null;
}) {
  const t = useTranslations("search");
  return (
    <TableFrame>
      <Table caption={t("results")} className="sm:table-fixed">
        <thead>
          <tr>
            {onToggle && <td data-head className="w-9" />}
            <Th className="w-[7.5rem]">{t("time")}</Th>
            <Th className="w-44">{t("tierAndDataset")}</Th>
            <Th className="w-36">{t("user")}</Th>
            <Th className="w-36">{t("modelAndStatus")}</Th>
            <Th>{t("conversation")}</Th>
            <Th align="end" className="w-20">
              {t("tokens")}
            </Th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => {
            const id = searchRowId(row);
            return (
              <SearchResultRow
                key={id}
                row={row}
                q={q}
                selected={selected.has(id)}
                onToggle={onToggle && (() => onToggle(id))}
              />
            );
          })}
        </tbody>
      </Table>
    </TableFrame>
  );
}

function Pages({
  search,
  state,
  children,
}: {
  search: RunningSearch;
  state: SearchState;
  children?: React.ReactNode;
}) {
  const { next } = search.result;
  const here = state.cursor;
  useEffect(() => {
    if (next) cameFrom.set(next, here);
  }, [next, here]);
  return (
    <Pagination
      newerHref={here ? searchHref({ ...state, cursor: cameFrom.get(here) ?? "" }) : null}
      olderHref={next && searchHref({ ...state, cursor: next })}
    >
      {children}
    </Pagination>
  );
}
