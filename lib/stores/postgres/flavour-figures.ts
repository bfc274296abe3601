import { attempt, orElse } from "@/lib/stores/postgres/attempt";
import { NODES_SQL, nodeLimits, SHARDS_BY_NODE_SQL, shardsByNode } from "@/lib/stores/postgres/citus";
import type { Row, Session } from "@/lib/stores/postgres/client";
import { type Flavour, flavourOf } from "@/lib/stores/postgres/flavour";
import { AGGREGATES_SQL, JOBS_SQL, jobLimits } from "@/lib/stores/postgres/timescale";
import type { Breakdown, Figure, Health, Limit, StoreFigures } from "@/lib/stores/store";

type Ask = (sql: string, panel: string) => Promise<Row[]>;

/** Asks an extension's catalogue; what it does not answer is a note in place of a panel. */
function asking(session: Session, notes: Limit[]): Ask {
  return async (sql, panel) => {
    const tried = await attempt(session, () => session.query(sql));
    if (!tried.ok)
      notes.push({ key: "flavourSilent", severity: "info", details: { panel, reason: tried.reason } });
    return orElse(tried, []);
  };
}

/** What only a flavour has: jobs and continuous aggregates of TimescaleDB, nodes and shards of Citus. */
export async function flavourFigures(session: Session): Promise<StoreFigures> {
  const { timescale, citus } = await flavourOf(session);
  const notes: Limit[] = [];
  const figures: Figure[] = [];
  const breakdowns: Breakdown[] = [];
  const ask = asking(session, notes);
  if (timescale) {
    const jobs = await ask(JOBS_SQL, "timescaledb_information.jobs");
    notes.push(...jobLimits(jobs));
    const failed = jobs.filter(({ status }) => status === "Failed").length;
    figures.push(
      { key: "timescaleJobs", value: jobs.length, unit: "count" },
      { key: "timescaleJobsFailed", value: failed, unit: "count", charted: true },
    );
    const aggregates = await ask(AGGREGATES_SQL(timescale), "timescaledb_information.continuous_aggregates");
    if (aggregates.length > 0) breakdowns.push(byAggregate(aggregates));
  }
  if (citus) {
    const nodes = await ask(NODES_SQL, "pg_dist_node");
    notes.push(...nodeLimits(nodes));
    figures.push({ key: "citusNodes", value: nodes.length, unit: "count" });
    const shards = await ask(SHARDS_BY_NODE_SQL, "citus_shards");
    if (shards.length > 0) breakdowns.push(...shardsByNode(shards));
  }
  return { figures, breakdowns, notes };
}

/** Continuous aggregates keep what they were refreshed with, also of rows that are archived. */
const byAggregate = (rows: readonly Row[]): Breakdown => ({
  key: "bytesByAggregate",
  unit: "bytes",
  rows: rows
    .map((row) => ({
      label: `${row.schema ?? ""}.${row.name ?? ""}`,
      value: Number(row.bytes ?? 0),
      note: row.source ?? "",
    }))
    .sort((a, b) => b.value - a.value)
    .slice(0, 50),
});

/** What a check says of the flavour: its version, and what may change tables behind an archive's back. */
export async function flavourHealth(session: Session): Promise<Pick<Health, "limits" | "facts">> {
  const flavour = await flavourOf(session);
  const notes: Limit[] = [];
  const ask = asking(session, notes);
  const jobs = flavour.timescale ? jobLimits(await ask(JOBS_SQL, "timescaledb_information.jobs")) : [];
  const nodes = flavour.citus ? nodeLimits(await ask(NODES_SQL, "pg_dist_node")) : [];
  return { limits: [...licenseLimits(flavour), ...jobs, ...nodes, ...notes], facts: factsOf(flavour) };
}

const licenseLimits = ({ timescale }: Flavour): Limit[] =>
  timescale && timescale.license !== "timescale"
    ? [{ key: "timescaleLicense", severity: "info", details: { license: timescale.license } }]
    : [];

const factsOf = ({ timescale, citus }: Flavour): Health["facts"] => ({
  ...(timescale && { timescaledb: `${timescale.version} (${timescale.license})` }),
  ...(citus && { citus: citus.version }),
});
