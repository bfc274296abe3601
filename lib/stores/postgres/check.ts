import type { PgHandle, Row, Session } from "@/lib/stores/postgres/client";
import { replicaLimits } from "@/lib/stores/postgres/figures";
import { flavourHealth } from "@/lib/stores/postgres/flavour-figures";
import type { Replicas } from "@/lib/stores/postgres/replicas";
import { ident } from "@/lib/stores/postgres/sql";
import type { Health, Limit, Right } from "@/lib/stores/store";

/** PostgreSQL 14: the oldest that is tested. */
const OLDEST_VERSION = 140_000;

/**
 * State, version, latency, size and the rights of the user. A server that cannot be reached throws: the sentence
 * of the error says more than a state would.
 */
export async function checkStore(handle: PgHandle, replicas: Replicas, signal: AbortSignal): Promise<Health> {
  const health = await checkPrimary(handle, signal);
  const limits = [...health.limits, ...replicaLimits(await replicas.states(signal))];
  return { ...health, state: stateOf(limits), limits };
}

const stateOf = (limits: readonly Limit[]): Health["state"] =>
  limits.some(({ severity }) => severity === "warning") ? "warning" : "healthy";

async function checkPrimary(handle: PgHandle, signal: AbortSignal): Promise<Health> {
  return handle.run({ signal, timeoutMs: Math.min(handle.options.timeoutMs, 10_000) }, async (session) => {
    const begun = performance.now();
    await session.query("SELECT 1");
    const latencyMs = Math.round((performance.now() - begun) * 100) / 100;
    const facts = await readFacts(session);
    const rights = await readRights(session, facts, handle);
    const flavour = await flavourHealth(session);
    const limits = [...limitsOf(facts, rights, handle), ...flavour.limits];
    return {
      state: stateOf(limits),
      version: facts.version ?? "",
      latencyMs,
      sizeBytes: facts.size === null ? null : Number(facts.size),
      // The server tells nobody the free space of its disk.
      freeBytes: null,
      rights,
      limits,
      facts: {
        database: facts.database ?? null,
        user: facts.role ?? null,
        superuser: facts.superuser === "true",
        replica: facts.replica === "true",
        encoding: facts.encoding ?? null,
        collation: facts.collation ?? null,
        startedAt: facts.started ?? null,
        tls: facts.tls === "true",
        maxConnections: Number(facts.max_connections ?? 0),
        replicas: facts.replicas == null ? null : Number(facts.replicas),
        replicaLagMs: facts.lag == null ? null : Number(facts.lag),
        ...flavour.facts,
      },
    };
  });
}

async function readFacts(session: Session): Promise<Row> {
  const [row] = await session.query(
    `SELECT current_setting('server_version') AS version, current_setting('server_version_num') AS number,
            current_database() AS database, current_user AS role, d.datcollate AS collation,
            pg_encoding_to_char(d.encoding) AS encoding,
            CASE WHEN has_database_privilege(d.oid, 'CONNECT') THEN pg_database_size(d.oid) END::text AS size,
            pg_is_in_recovery()::text AS replica, current_setting('max_connections') AS max_connections,
            (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)::text AS superuser,
            pg_has_role('pg_monitor', 'USAGE')::text AS monitor,
            (SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'pg_stat_statements') AS statements,
            EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_trgm')::text AS trigram,
            to_char(pg_postmaster_start_time(), 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS started,
            (SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid())::text AS tls,
            (SELECT count(*) FROM pg_stat_replication)::text AS replicas,
            (SELECT round(max(extract(epoch FROM replay_lag)) * 1000) FROM pg_stat_replication)::text AS lag,
            current_setting('default_transaction_read_only') AS read_only,
            has_database_privilege(d.oid, 'CREATE')::text AS create_schema, has_database_privilege(d.oid, 'TEMP')::text AS temp
       FROM pg_database d WHERE d.datname = current_database()`,
  );
  return row ?? {};
}

/** Rights on the schemas that hold tables, and on those tables, counted. */
async function readRights(session: Session, facts: Row, handle: PgHandle): Promise<Right[]> {
  const rows = await session.query(
    `SELECT n.nspname AS schema, has_schema_privilege(n.oid, 'CREATE')::text AS create,
            has_schema_privilege(n.oid, 'USAGE')::text AS usage, count(*)::text AS tables,
            count(*) FILTER (WHERE NOT has_table_privilege(c.oid, 'SELECT'))::text AS select,
            count(*) FILTER (WHERE NOT has_table_privilege(c.oid, 'INSERT'))::text AS insert,
            count(*) FILTER (WHERE NOT has_table_privilege(c.oid, 'DELETE'))::text AS delete,
            count(*) FILTER (WHERE NOT has_table_privilege(c.oid, 'UPDATE'))::text AS update,
            count(*) FILTER (WHERE NOT pg_has_role(c.relowner, 'USAGE'))::text AS owner
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
      GROUP BY n.oid, n.nspname ORDER BY n.nspname`,
  );
  const role = ident(handle.config.user);
  const rights: Right[] = [];
  for (const row of rows) rights.push(...schemaRights(row, role));
  rights.push({
    name: "pg_monitor",
    granted: facts.monitor === "true",
    costKey: "monitor",
    grant: `GRANT pg_monitor TO ${role};`,
  });
  rights.push({
    name: "pg_stat_statements",
    granted: facts.statements != null,
    costKey: "statements",
    grant: "CREATE EXTENSION pg_stat_statements;",
  });
  return rights.map((right) => (right.granted ? { ...right, grant: null } : right));
}

function schemaRights(row: Row, role: string): Right[] {
  const schema = row.schema ?? "";
  const quoted = ident(schema);
  const none = (count: string | null | undefined) => Number(count ?? 0) === 0;
  const table = (verb: string, costKey: string, missing: string | null | undefined): Right => ({
    name: `${verb} ${schema}.*`,
    granted: none(missing),
    costKey,
    grant: `GRANT ${verb} ON ALL TABLES IN SCHEMA ${quoted} TO ${role};`,
  });
  return [
    {
      name: `USAGE ${schema}`,
      granted: row.usage === "true",
      costKey: "usage",
      grant: `GRANT USAGE ON SCHEMA ${quoted} TO ${role};`,
    },
    {
      name: `CREATE ${schema}`,
      granted: row.create === "true",
      costKey: "create",
      grant: `GRANT CREATE ON SCHEMA ${quoted} TO ${role};`,
    },
    table("SELECT", "select", row.select),
    table("INSERT", "insert", row.insert),
    table("DELETE", "delete", row.delete),
    // SELECT … FOR UPDATE asks for it.
    table("UPDATE", "update", row.update),
    {
      name: `OWNER ${schema}.*`,
      granted: none(row.owner),
      costKey: "owner",
      grant: `-- VACUUM, ANALYZE and REINDEX need the table's owner: GRANT <owner> TO ${role};`,
    },
  ];
}

function limitsOf(facts: Row, rights: readonly Right[], handle: PgHandle): Limit[] {
  const limits: Limit[] = [];
  const add = (key: string, severity: Limit["severity"], details: Limit["details"] = {}) =>
    limits.push({ key, severity, details });
  if (Number(facts.number) < OLDEST_VERSION) add("oldVersion", "warning", { version: facts.version ?? "" });
  if (facts.replica === "true") add("replica", "warning");
  else if (facts.read_only === "on" && handle.options.access === "write") add("readOnlyServer", "warning");
  if (facts.superuser === "true") add("superuser", "info", { user: facts.role ?? "" });
  if (facts.encoding !== "UTF8") add("encoding", "warning", { encoding: facts.encoding ?? "" });
  if (facts.statements == null) add("noStatements", "info");
  if (facts.trigram !== "true") add("noTrigram", "info");
  const unreadable = rights.filter((right) => !right.granted && right.costKey === "select");
  for (const right of unreadable) add("unreadableTables", "warning", { right: right.name });
  return limits;
}
