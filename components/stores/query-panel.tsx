import Link from "next/link";
import { useTranslations } from "next-intl";
import { CodeBlock } from "@/components/ui/code-block";
import { EmptyState } from "@/components/ui/empty-state";
import { Count, Duration, Percent } from "@/components/ui/figures";
import { Panel } from "@/components/ui/panel";
import { Table, Td, Th } from "@/components/ui/table";
import { DateTime, TimeAgo } from "@/components/ui/time-ago";
import type { QueryStatsDto } from "@/lib/schemas/store";

const GET_STATEMENTS = [
  "-- postgresql.conf, then restart the server",
  "shared_preload_libraries = 'pg_stat_statements'",
  "",
  "-- in the database",
  "CREATE EXTENSION IF NOT EXISTS pg_stat_statements;",
].join("\n");

const SHOWN = 10;

/** The queries that took most time, as the store itself counted them; or how to make it count. */
export function QueryPanel({
  stats,
  shown,
  moreHref,
}: {
  stats: QueryStatsDto;
  /** `few`: the first ten, with a link to the rest. */
  shown: "few" | "all";
  moreHref: string;
}) {
  const t = useTranslations("stores");
  return (
    <Panel
      title={t("queries")}
      unit={stats.at && t.rich("asOf", { ago: () => <TimeAgo value={stats.at} /> })}
      padding={stats.queries.length > 0 ? "none" : "normal"}
    >
      {!stats.at && <EmptyState title={t("notSampled")}>{t("notSampledHint")}</EmptyState>}
      {stats.at && !stats.available && <HowToGet hintKey={stats.hintKey} />}
      {stats.at && stats.available && stats.queries.length === 0 && (
        <EmptyState title={t("noQueries")}>{t("noQueriesHint")}</EmptyState>
      )}
      {stats.queries.length > 0 && (
        <QueryTable queries={shown === "all" ? stats.queries : stats.queries.slice(0, SHOWN)} />
      )}
      {shown === "few" && stats.queries.length > SHOWN && (
        <Link
          href={moreHref}
          scroll={false}
          className="border-t border-line px-4 py-2 text-sm text-accent hover:underline"
        >
          {t("allQueries", { count: stats.queries.length })}
        </Link>
      )}
      {stats.since && (
        <p className="border-t border-line px-4 py-2.5 text-xs text-muted">
          {t.rich("countedSince", { at: () => <DateTime value={stats.since} /> })}
        </p>
      )}
    </Panel>
  );
}

function HowToGet({ hintKey }: { hintKey: string | null }) {
  const t = useTranslations("stores");
  const key = hintKey && t.has(`queryHints.${hintKey}`) ? hintKey : "none";
  return (
    <div className="flex flex-col gap-2 text-sm">
      <p>{t(`queryHints.${key}`)}</p>
      <CodeBlock code={GET_STATEMENTS} label="pg_stat_statements" />
    </div>
  );
}

function QueryTable({ queries }: { queries: QueryStatsDto["queries"] }) {
  const t = useTranslations("stores");
  return (
    <Table caption={t("queries")}>
      <thead>
        <tr>
          <Th>{t("query")}</Th>
          <Th align="end">{t("calls")}</Th>
          <Th align="end">{t("mean")}</Th>
          <Th align="end">{t("maximum")}</Th>
          <Th align="end">{t("totalTime")}</Th>
          <Th align="end">{t("rowsRead")}</Th>
          <Th align="end">{t("cache")}</Th>
        </tr>
      </thead>
      <tbody>
        {queries.map((query) => (
          <tr key={query.queryId}>
            <Td>
              <code title={query.text} className="line-clamp-2 max-w-2xl [overflow-wrap:anywhere]">
                {query.text}
              </code>
            </Td>
            <Td align="end" label={t("calls")}>
              <Count value={query.calls} />
            </Td>
            <Td align="end" label={t("mean")}>
              <Duration value={query.meanMs} />
            </Td>
            <Td align="end" label={t("maximum")}>
              <Duration value={query.maxMs} />
            </Td>
            <Td align="end" label={t("totalTime")}>
              <Duration value={query.totalMs} />
            </Td>
            <Td align="end" label={t("rowsRead")}>
              <Count value={query.rowCount} />
            </Td>
            <Td align="end" label={t("cache")}>
              <Percent value={query.cacheHitRatio} />
            </Td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}
