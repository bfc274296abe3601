import type { MyHandle, Row, Session } from "@/lib/stores/mysql/client";
import { type Grant, hasRight, parseGrants } from "@/lib/stores/mysql/grants";
import { ident, literal } from "@/lib/stores/mysql/sql";
import type { Health, Limit, Right } from "@/lib/stores/store";

/** The oldest that the driver is written for. */
const OLDEST = { mysql: [8, 0, 19], mariadb: [10, 11, 0] } as const;

/**
 * State, version, latency, size and the rights of the account. A server that cannot be reached throws: the sentence
 * of the error says more than a state would.
 */
export async function checkStore(handle: MyHandle, signal: AbortSignal): Promise<Health> {
  const timeoutMs = Math.min(handle.options.timeoutMs, 10_000);
  return handle.run({ signal, timeoutMs }, async (session) => {
    const begun = performance.now();
    await session.query("SELECT 1");
    const latencyMs = Math.round((performance.now() - begun) * 100) / 100;
    const facts = await readFacts(handle, session);
    const grants = await readGrants(session);
    const performanceSchema = facts.performance_schema === "1";
    const limits = limitsOf(handle, session, facts, grants);
    return {
      state: limits.some((limit) => limit.severity === "warning") ? "warning" : "healthy",
      version: `${session.server.mariadb ? "MariaDB" : "MySQL"} ${session.server.version}`,
      latencyMs,
      sizeBytes: facts.size == null ? null : Number(facts.size),
      // The server tells nobody the free space of its disk.
      freeBytes: null,
      rights: rightsOf(handle, grants, performanceSchema),
      limits,
      facts: {
        database: handle.config.database,
        user: facts.user ?? null,
        replica: facts.replica ?? null,
        readOnly: facts.read_only === "1",
        encoding: facts.charset ?? null,
        collation: facts.collation ?? null,
        timeZone: facts.time_zone ?? null,
        tls: (facts.cipher ?? "") !== "",
        maxConnections: Number(facts.max_connections ?? 0),
        maxPacketBytes: session.server.maxPacketBytes,
        performanceSchema,
      },
    };
  });
}

async function readFacts(handle: MyHandle, session: Session): Promise<Row> {
  const database = literal(handle.config.database);
  const [row] = await session.query(
    `SELECT CURRENT_USER() AS user, @@global.read_only AS read_only, @@max_connections AS max_connections,
            @@global.time_zone AS time_zone, @@performance_schema AS performance_schema,
            @@global.innodb_flush_log_at_trx_commit AS flush, @@global.binlog_format AS binlog, @@log_bin AS log_bin,
            (SELECT SUM(DATA_LENGTH + INDEX_LENGTH) FROM information_schema.TABLES WHERE TABLE_SCHEMA = ${database}) AS size,
            s.DEFAULT_CHARACTER_SET_NAME AS charset, s.DEFAULT_COLLATION_NAME AS collation
       FROM information_schema.SCHEMATA s WHERE s.SCHEMA_NAME = ${database}`,
  );
  const [cipher] = await session.raw("SHOW SESSION STATUS LIKE 'Ssl_cipher'");
  return { ...row, cipher: cipher?.[1]?.toString() ?? "" };
}

async function readGrants(session: Session): Promise<Grant[]> {
  const rows = await session.raw("SHOW GRANTS");
  return parseGrants(rows.map((row) => row[0]?.toString("utf8") ?? ""));
}

function rightsOf(handle: MyHandle, grants: readonly Grant[], performanceSchema: boolean): Right[] {
  const { database } = handle.config;
  const on = `${ident(database)}.*`;
  const account = accountSql(handle);
  const own = (right: string, costKey: string): Right => ({
    name: `${right} (${database})`,
    granted: hasRight(grants, right, database),
    costKey,
    grant: `GRANT ${right} ON ${on} TO ${account}`,
  });
  const rights: Right[] = [
    own("SELECT", "mysqlSelect"),
    own("INSERT", "mysqlInsert"),
    own("DELETE", "mysqlDelete"),
    own("CREATE", "mysqlCreate"),
    own("ALTER", "mysqlAlter"),
    {
      name: "PROCESS",
      granted: hasRight(grants, "PROCESS", "mysql"),
      costKey: "mysqlProcess",
      grant: `GRANT PROCESS ON *.* TO ${account}`,
    },
    {
      name: "SELECT (mysql.innodb_index_stats)",
      granted: hasRight(grants, "SELECT", "mysql") || tableRight(grants, "mysql", "innodb_index_stats"),
      costKey: "innodbStats",
      grant: `GRANT SELECT ON mysql.innodb_index_stats TO ${account}; GRANT SELECT ON mysql.innodb_table_stats TO ${account}`,
    },
  ];
  if (performanceSchema) {
    rights.push({
      name: "SELECT (performance_schema)",
      granted: hasRight(grants, "SELECT", "performance_schema"),
      costKey: "performanceSchema",
      grant: `GRANT SELECT ON performance_schema.* TO ${account}`,
    });
  }
  return rights;
}

const tableRight = (grants: readonly Grant[], database: string, table: string): boolean =>
  grants.some((grant) => grant.database === database && grant.table === table && grant.rights.has("SELECT"));

const accountSql = (handle: MyHandle): string => `${literal(handle.config.user)}@'%'`;

function limitsOf(handle: MyHandle, session: Session, facts: Row, grants: readonly Grant[]): Limit[] {
  const { server } = session;
  const limits: Limit[] = [];
  const add = (key: string, severity: Limit["severity"], details: Limit["details"] = {}) =>
    limits.push({ key, severity, details });
  if (isOld(server.version, OLDEST[server.mariadb ? "mariadb" : "mysql"]))
    add("oldMysql", "warning", { version: server.version });
  if (facts.read_only === "1" && !hasRight(grants, "SUPER", "mysql")) add("readOnlyMysql", "warning");
  if (facts.flush === "0") add("flushNever", "warning");
  if (facts.flush === "2") add("flushLater", "info");
  if (facts.log_bin === "1" && facts.binlog === "STATEMENT") add("binlogStatement", "warning");
  if (server.maxPacketBytes < 16 << 20) add("smallPacket", "warning", { bytes: server.maxPacketBytes });
  if (facts.performance_schema !== "1") add("noPerformanceSchema", "info");
  if (server.mariadb) add("noNgram", "info");
  if (hasRight(grants, "SUPER", "mysql") || hasRight(grants, "ALL PRIVILEGES", "mysql"))
    add("mysqlSuperuser", "info", { user: handle.config.user });
  return limits;
}

function isOld(version: string, oldest: readonly number[]): boolean {
  const parts = version.split(".").map(Number);
  const at = oldest.findIndex((least, index) => (parts[index] ?? 0) !== least);
  return at >= 0 && (parts[at] ?? 0) < (oldest[at] ?? 0);
}
