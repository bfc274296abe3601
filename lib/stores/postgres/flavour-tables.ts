import { attempt, orElse } from "@/lib/stores/postgres/attempt";
import { CITUS_TABLES_SQL, MOST_COUNTED, shardRowsSql, withCitusTables } from "@/lib/stores/postgres/citus";
import type { Row, Session } from "@/lib/stores/postgres/client";
import { type Flavour, flavourOf } from "@/lib/stores/postgres/flavour";
import { CHUNK_NAMES_SQL, hypertablesSql, withHypertables } from "@/lib/stores/postgres/timescale";
import type { TableSummary } from "@/lib/stores/table";

const NAMES_SQL =
  "SELECT hypertable_schema AS schema, hypertable_name AS name FROM timescaledb_information.hypertables";

/** The list of tables in the words of the server's flavour. What its catalogue does not answer stays as it is. */
export async function flavouredTables(
  session: Session,
  tables: readonly TableSummary[],
): Promise<TableSummary[]> {
  const { timescale, citus } = await flavourOf(session);
  let found = [...tables];
  if (timescale) found = await timescaleTables(session, timescale, found);
  if (citus) found = await citusTables(session, found);
  return found;
}

async function timescaleTables(
  session: Session,
  timescale: NonNullable<Flavour["timescale"]>,
  tables: readonly TableSummary[],
): Promise<TableSummary[]> {
  const ask = (sql: string) => attempt(session, () => session.query(sql));
  const sized = await ask(hypertablesSql(timescale));
  const hypertables = sized.ok ? sized.value : orElse(await ask(NAMES_SQL), []);
  return withHypertables(tables, hypertables, orElse(await ask(CHUNK_NAMES_SQL), []));
}

async function citusTables(session: Session, tables: readonly TableSummary[]): Promise<TableSummary[]> {
  const listed = await attempt(session, () => session.query(CITUS_TABLES_SQL));
  if (!listed.ok) return [...tables];
  const largest = [...listed.value].sort((a, b) => Number(b.bytes ?? 0) - Number(a.bytes ?? 0));
  const shardRows = new Map<string, Row[]>();
  for (const { schema, name } of largest.slice(0, MOST_COUNTED)) {
    const ref = { schema: schema ?? "", name: name ?? "" };
    const rows = await attempt(session, () => session.query(shardRowsSql(ref)));
    if (rows.ok) shardRows.set(JSON.stringify([ref.schema, ref.name]), rows.value);
  }
  return withCitusTables(tables, listed.value, shardRows);
}
