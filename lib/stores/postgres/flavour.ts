import { attempt, orElse } from "@/lib/stores/postgres/attempt";
import type { Row, Session } from "@/lib/stores/postgres/client";
import { ident } from "@/lib/stores/postgres/sql";
import type { TableKind, TableRef } from "@/lib/stores/table";

/** What a PostgreSQL is besides: found by asking for the extension, never by a version's text. */
export interface Flavour {
  timescale: {
    /** Quoted name of the schema its functions lie in, with a dot. */
    at: string;
    version: string;
    /** `timescale` or `apache`; the latter has no compression. */
    license: string;
  } | null;
  citus: { version: string } | null;
}

const FLAVOUR_SQL = `
  SELECT e.extname AS name, e.extversion AS version, n.nspname AS schema, current_setting('timescaledb.license', true) AS license
    FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname IN ('timescaledb', 'citus')`;

export const flavourOf = async (session: Session): Promise<Flavour> =>
  flavourFrom(await session.query(FLAVOUR_SQL));

export function flavourFrom(rows: readonly Row[]): Flavour {
  const timescale = rows.find(({ name }) => name === "timescaledb");
  const citus = rows.find(({ name }) => name === "citus");
  return {
    timescale: timescale
      ? {
          at: `${ident(timescale.schema ?? "public")}.`,
          version: timescale.version ?? "",
          license: timescale.license ?? "apache",
        }
      : null,
    citus: citus ? { version: citus.version ?? "" } : null,
  };
}

const HYPERTABLE_SQL =
  "SELECT 'hypertable' AS kind FROM timescaledb_information.hypertables WHERE hypertable_schema = $1 AND hypertable_name = $2";

const CITUS_TABLE_SQL = `
  SELECT t.citus_table_type AS type, t.access_method AS method FROM citus_tables t
    JOIN pg_class c ON c.oid = t.table_name::oid JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE n.nspname = $1 AND c.relname = $2`;

/** The kind of an ordinary table in the words of its flavour; null: it is as plain as it looks. */
export async function flavouredKind(
  session: Session,
  ref: TableRef,
  flavour: Flavour,
): Promise<TableKind | null> {
  const ask = async (sql: string) =>
    orElse(await attempt(session, () => session.query(sql, [ref.schema, ref.name])), [])[0];
  if (flavour.timescale && (await ask(HYPERTABLE_SQL))) return "hypertable";
  const row = flavour.citus ? await ask(CITUS_TABLE_SQL) : undefined;
  return row ? citusKind(row) : null;
}

/** Columnar storage weighs more than where the shards lie: its rows can be neither changed nor deleted. */
export function citusKind({ type, method }: Row): TableKind | null {
  if (method === "columnar") return "columnar";
  return type === "distributed" || type === "reference" ? type : null;
}
