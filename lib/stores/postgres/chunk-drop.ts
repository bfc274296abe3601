import { StoreError } from "@/lib/errors";
import type { RowKey } from "@/lib/stores/batch";
import { addDigests, type DigestSum, emptyDigest } from "@/lib/stores/digest";
import { attempt, orElse } from "@/lib/stores/postgres/attempt";
import type { Row, Session } from "@/lib/stores/postgres/client";
import { digestHexSql, digestSums, sumOf } from "@/lib/stores/postgres/digest-sql";
import { flavourOf } from "@/lib/stores/postgres/flavour";
import { keyTable } from "@/lib/stores/postgres/keys";
import { columnOf, type PgScope } from "@/lib/stores/postgres/shapes";
import { literal, parameters, tableName } from "@/lib/stores/postgres/sql";
import { CHUNKS_SQL, DIMENSION_SQL, uncompressed } from "@/lib/stores/postgres/timescale";
import { instantText, instantTextZone } from "@/lib/stores/text-form";

/** Rows as they were exported: what proves a chunk. */
interface Proof {
  keys: readonly RowKey[];
  digests: readonly Uint8Array[];
}

/** Bounds of a chunk as values of its column, and which exported rows lie inside. */
interface Covered {
  chunk: Row;
  rows: number[];
}

/**
 * Drops the chunks of a hypertable of which every row was exported and is unchanged; returns the positions of the rows
 * that went. A chunk goes only when, locked against everybody, it has as many rows as were exported of it and the very
 * same digests. All else (a chunk with other rows, one that somebody uses, a table that something hangs on) is left for
 * its rows to be deleted one by one.
 */
export async function dropCoveredChunks(
  session: Session,
  scope: PgScope,
  proof: Proof,
): Promise<Set<number>> {
  const gone = new Set<number>();
  if (!isDroppable(scope)) return gone;
  const { timescale } = await flavourOf(session);
  if (!timescale) return gone;
  const covered = orElse(await attempt(session, () => coveredChunks(session, scope, proof)), []);
  for (const one of covered) {
    if (!(await isProved(session, scope, one, proof))) continue;
    await dropChunk(session, scope, timescale.at, one.chunk);
    for (const row of one.rows) gone.add(row);
  }
  return gone;
}

/** A chunk goes without triggers and foreign keys being asked, and the time of a row must stand in its key. */
export function isDroppable({ members, time }: Pick<PgScope, "members" | "time">): boolean {
  const [root] = members;
  return (
    members.length === 1 &&
    root.shape.kind === "hypertable" &&
    root.shape.incoming.length === 0 &&
    root.key.some(({ name }) => name === time.column) &&
    !root.shape.triggers.some(({ events }) => events.includes("delete"))
  );
}

/** Chunks into which exported rows fall and that have no more rows than those. Nothing is locked yet. */
async function coveredChunks(session: Session, scope: PgScope, { keys }: Proof): Promise<Covered[]> {
  const [root] = scope.members;
  const { schema, name } = root.table;
  const [cut] = await session.query(DIMENSION_SQL, [schema, name]);
  if (cut?.column !== scope.time.column || keys.length === 0) return [];
  // Who may delete rows may not drop chunks: that is the owner's.
  const [owner] = await session.query(
    "SELECT pg_has_role(relowner, 'USAGE')::text AS is FROM pg_class WHERE oid = $1::oid",
    [root.shape.oid],
  );
  if (owner?.is !== "true") return [];
  const chunks = await session.query(CHUNKS_SQL, [schema, name]);
  const rowsOf = await rowsByChunk(session, scope, keys, chunks);
  const covered: Covered[] = [];
  for (const [at, rows] of rowsOf) {
    const chunk = chunks[at];
    if (!chunk) continue;
    const [row] = await session.query(
      `SELECT count(*)::text AS n FROM (SELECT FROM ${chunkTable(chunk)} LIMIT ${rows.length + 1}) c`,
    );
    if (Number(row?.n) === rows.length) covered.push({ chunk, rows });
  }
  return covered;
}

/** Position of a chunk → positions of the exported rows whose time lies in it. */
async function rowsByChunk(
  session: Session,
  scope: PgScope,
  keys: readonly RowKey[],
  chunks: readonly Row[],
): Promise<Map<number, number[]>> {
  const [root] = scope.members;
  const at = root.key.findIndex(({ name }) => name === scope.time.column);
  const values = parameters();
  const bounds = chunks.map(
    (chunk, n) => `(${n}, ${boundSql(scope, chunk, "start")}, ${boundSql(scope, chunk, "end")})`,
  );
  const found = new Map<number, number[]>();
  if (bounds.length === 0) return found;
  const rows = await session.query(
    `SELECT u.ord::text AS ord, v.n::text AS chunk FROM ${keyTable(root.key, keys, values)}
       JOIN (VALUES ${bounds.join(", ")}) v(n, low, high) ON u.k${at} >= v.low AND u.k${at} < v.high`,
    values.params,
  );
  for (const row of rows) {
    const chunk = Number(row.chunk);
    found.set(chunk, [...(found.get(chunk) ?? []), Number(row.ord) - 1]);
  }
  return found;
}

/** A chunk's bound as a value of the time column: chunks are told in microseconds, or in the column's own numbers. */
function boundSql(scope: PgScope, chunk: Row, side: "start" | "end"): string {
  const [root] = scope.members;
  const { castType } = columnOf(root.shape, scope.time.column);
  const value = chunk[side] ?? "0";
  if (chunk.numbered === "true") return `${BigInt(value)}::${castType}`;
  const us = BigInt(value);
  return castType === "timestamp with time zone"
    ? `${literal(instantTextZone(us))}::timestamptz`
    : `${literal(instantText(us))}::timestamp::${castType}`;
}

const chunkTable = ({ schema, name }: Row): string => tableName({ schema: schema ?? "", name: name ?? "" });

/** Whether a chunk, locked, holds the exported rows and nothing else. A lock that is not had in time is no error. */
async function isProved(session: Session, scope: PgScope, one: Covered, proof: Proof): Promise<boolean> {
  const [root] = scope.members;
  const held = await attempt(session, async () => {
    await session.query(`LOCK TABLE ${chunkTable(one.chunk)} IN ACCESS EXCLUSIVE MODE`);
    const sums = digestSums("digest").map(({ name, sql }) => `${sql} AS ${name}`);
    const [row] = await session.query(
      `SELECT ${sums.join(", ")} FROM (SELECT ${digestHexSql("r", root.columns)} AS digest FROM ${chunkTable(one.chunk)} r) s`,
    );
    return sumOf(row);
  });
  return held.ok && isSame(held.value, sumAt(proof, one.rows));
}

export const sumAt = ({ digests }: Pick<Proof, "digests">, rows: Iterable<number>): DigestSum =>
  addDigests(
    emptyDigest(),
    [...rows].flatMap((row) => digests[row] ?? []),
  );

const isSame = (a: DigestSum, b: DigestSum): boolean =>
  a.rowCount === b.rowCount && a.high === b.high && a.low === b.low;

/** drop_chunks goes by time: what it says it dropped must be this chunk alone, else everything is undone. */
async function dropChunk(session: Session, scope: PgScope, at: string, chunk: Row): Promise<void> {
  const [root] = scope.members;
  const table = `${literal(tableName(root.table))}::regclass`;
  const dropped = await session.query(
    `SELECT d::text AS name FROM ${at}drop_chunks(${table}, older_than => ${boundSql(scope, chunk, "end")}, newer_than => ${boundSql(scope, chunk, "start")}) d`,
  );
  const [only] = dropped;
  if (dropped.length === 1 && only?.name?.replaceAll('"', "") === `${chunk.schema ?? ""}.${chunk.name ?? ""}`)
    return;
  const names = dropped.map(({ name }) => name).join(", ");
  throw new StoreError(
    "conflict",
    `Instead of ${chunk.name ?? ""} TimescaleDB would drop ${names || "nothing"}. Nothing was deleted. Archive to a table, or report this.`,
    { key: "postgres.chunkDropDiffers", details: { chunk: chunk.name ?? "", dropped: names } },
  );
}

/**
 * Whether rows of a scope can be locked one by one. Citus locks none across shards, and compressed chunks have none to
 * lock: there rows are compared once more by the statement that deletes them.
 */
export async function canLockRows(session: Session, { members }: Pick<PgScope, "members">): Promise<boolean> {
  for (const { shape, table } of members) {
    if (shape.kind === "distributed" || shape.kind === "reference") return false;
    if (shape.kind !== "hypertable") continue;
    const asked = await attempt(session, () => session.query(CHUNKS_SQL, [table.schema, table.name]));
    const chunks = orElse(asked, []);
    if (uncompressed(chunks).length < chunks.length) return false;
  }
  return true;
}
