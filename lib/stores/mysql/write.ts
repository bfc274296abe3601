import { StoreError } from "@/lib/errors";
import type { Batch, RowKey, Vector } from "@/lib/stores/batch";
import { addDigests, emptyDigest } from "@/lib/stores/digest";
import type { MyHandle, Session } from "@/lib/stores/mysql/client";
import { SQL_MODE } from "@/lib/stores/mysql/connection";
import { errorNumber, toStoreError } from "@/lib/stores/mysql/errors";
import { noKey } from "@/lib/stores/mysql/guard";
import { literalOf, type MyColumn } from "@/lib/stores/mysql/mapper";
import { digestsByKey } from "@/lib/stores/mysql/row-digests";
import { keyId } from "@/lib/stores/mysql/scope-sql";
import { columnOf, type MyMember, resolveMember, type Shapes } from "@/lib/stores/mysql/shapes";
import { bytesLiteral, ident, tableName } from "@/lib/stores/mysql/sql";
import type { FamilyMember, WriteResult } from "@/lib/stores/rows";
import { vectorText } from "@/lib/stores/text-form";

type Conflict = WriteResult["conflicts"][number];

interface Work {
  session: Session;
  member: MyMember;
  batch: Batch;
  keys: readonly RowKey[];
  /** The batch's vectors that are written, with their columns. */
  written: readonly { vector: Vector; column: MyColumn }[];
  inserted: number[];
  conflicts: Conflict[];
}

/** Longest statement: large enough to be quick, and a fraction of what servers take. */
const STATEMENT_BYTES = 4 << 20;
/** Room for what stands around the values. */
const PACKET_MARGIN = 4_096;

/** Errors that one row of a statement is the cause of: a value, a constraint, another unique index. */
const ROW_ERRORS = new Set([
  1048, 1062, 1216, 1264, 1265, 1292, 1364, 1366, 1367, 1406, 1411, 1416, 1452, 1526, 1586, 1644, 1690, 3140,
  3819, 4025,
]);
/** Of those: a value that strict mode refuses though it lay in such a column (an ENUM of no member). */
const STRICT_ERRORS = new Set([1264, 1265, 1292, 1366, 1367, 1411]);

/**
 * Inserts the rows of a batch in one transaction. A key that is there already is left: equal rows are counted,
 * different ones are conflicts. Rows the table refuses are conflicts of their own. Every row that went in is read back
 * as a digest; one that differs from the batch's undoes the whole call and throws corrupt.
 */
export async function writeRows(
  handle: MyHandle,
  shapes: Shapes,
  wanted: FamilyMember,
  batch: Batch,
  signal: AbortSignal,
): Promise<WriteResult> {
  if (handle.options.access === "read") throw readOnly();
  return handle.run({ signal, transaction: "write" }, async (session) => {
    const member = await resolveMember(session, shapes, wanted);
    if (member.key.length === 0) throw noKey(member);
    const keys = keysOf(member, batch);
    const columns = batch.vectors.map((vector) => columnOf(member.shape, vector.name));
    const written = batch.vectors
      .map((vector) => ({ vector, column: columnOf(member.shape, vector.name) }))
      .filter(({ column }) => column.generated !== "stored");
    const work: Work = { session, member, batch, keys, written, inserted: [], conflicts: [] };
    const { fresh, identical } = await compareExisting(work, columns);
    for (const rows of statements(work, fresh)) await insert(work, rows);
    await verify(work, columns);
    const digests = work.inserted.flatMap((row) => batch.digests[row] ?? []);
    return { inserted: addDigests(emptyDigest(), digests), identical, conflicts: work.conflicts };
  });
}

const readOnly = () =>
  new StoreError("forbidden", "This connection is read-only. Nothing was changed.", {
    key: "mysql.readOnly",
    details: { server: "" },
  });

function keysOf(member: MyMember, batch: Batch): RowKey[] {
  const vectors = member.key.map((column) => vectorNamed(batch, column.name));
  return Array.from({ length: batch.rowCount }, (_, row) =>
    vectors.map((vector) => vectorText(vector, row) ?? ""),
  );
}

function vectorNamed(batch: Batch, name: string): Vector {
  const vector = batch.vectors.find((one) => one.name === name);
  if (vector) return vector;
  throw new StoreError("corrupt", `The rows to write lack the key column ${name}. Nothing was written.`, {
    key: "mysql.keyColumnMissing",
    details: { column: name },
  });
}

const hexOf = (digest: Uint8Array | undefined): string => Buffer.from(digest ?? []).toString("hex");

async function compareExisting(work: Work, columns: readonly MyColumn[]) {
  const { session, member, batch, keys } = work;
  const there = await digestsByKey(session, member, columns, keys, "none");
  const fresh: number[] = [];
  let identical = 0;
  for (let row = 0; row < batch.rowCount; row++) {
    const key = keys[row] ?? [];
    const digest = there.get(keyId(key));
    if (digest === undefined) fresh.push(row);
    else if (digest === hexOf(batch.digests[row])) identical += 1;
    else work.conflicts.push({ key, reason: "differentContent", detail: "" });
  }
  return { fresh, identical };
}

/** Rows of one statement each: as many as fit. Throws refused for a row that no statement can carry. */
function* statements(work: Work, rows: readonly number[]): Generator<{ row: number; sql: string }[]> {
  const packet = work.session.server.maxPacketBytes - PACKET_MARGIN;
  let part: { row: number; sql: string }[] = [];
  let bytes = 0;
  for (const row of rows) {
    const sql = `(${work.written.map(({ vector, column }) => valueSql(vector, column, row)).join(", ")})`;
    const size = Buffer.byteLength(sql);
    if (size > packet) throw rowTooLong(work, row, size);
    if (part.length > 0 && bytes + size > Math.min(packet, STATEMENT_BYTES)) {
      yield part;
      part = [];
      bytes = 0;
    }
    part.push({ row, sql });
    bytes += size;
  }
  if (part.length > 0) yield part;
}

function valueSql(vector: Vector, column: MyColumn, row: number): string {
  const value = vector.values[row];
  // The column's own type decides how it is said: a segment of an older table may hold it otherwise.
  if (value instanceof Uint8Array && vector.physical === "bytes" && column.physical === "bytes")
    return bytesLiteral(value);
  const text = vectorText(vector, row);
  return text === null ? "NULL" : literalOf(column, text);
}

/** Inserts these rows; when the table refuses one of them, halves the list until the row is found. */
async function insert(work: Work, rows: readonly { row: number; sql: string }[]): Promise<void> {
  if (rows.length === 0) return;
  try {
    await work.session.execute(insertSql(work, rows));
    work.inserted.push(...rows.map(({ row }) => row));
    return;
  } catch (error) {
    // A statement that fails is undone by itself; the transaction goes on.
    if (!ROW_ERRORS.has(errorNumber(error) ?? 0)) throw error;
    if (rows.length === 1) return insertOne(work, rows, error);
  }
  const middle = Math.ceil(rows.length / 2);
  await insert(work, rows.slice(0, middle));
  await insert(work, rows.slice(middle));
}

/** A row that strict mode refuses may still be one that lay there: then it reads back as it was. */
async function insertOne(
  work: Work,
  rows: readonly { row: number; sql: string }[],
  refusal: unknown,
): Promise<void> {
  const { session, member, batch, keys, conflicts } = work;
  const row = rows[0]?.row ?? 0;
  const key = keys[row] ?? [];
  if (STRICT_ERRORS.has(errorNumber(refusal) ?? 0)) {
    await session.execute("SAVEPOINT strata_row");
    await session.execute(`SET SESSION sql_mode = '${SQL_MODE.loose}'`);
    try {
      await session.execute(insertSql(work, rows));
      const columns = batch.vectors.map((vector) => columnOf(member.shape, vector.name));
      const there = await digestsByKey(session, member, columns, [key], "none");
      if (there.get(keyId(key)) === hexOf(batch.digests[row])) {
        work.inserted.push(row);
        return;
      }
    } catch (error) {
      if (!ROW_ERRORS.has(errorNumber(error) ?? 0)) throw error;
    } finally {
      await session.execute(`SET SESSION sql_mode = '${SQL_MODE.strict}'`);
    }
    await session.execute("ROLLBACK TO SAVEPOINT strata_row");
  }
  conflicts.push({ key, reason: "rejected", detail: toStoreError(refusal).message });
}

const insertSql = ({ member, written }: Work, rows: readonly { sql: string }[]): string =>
  `INSERT INTO ${tableName(member.table)} (${written.map(({ column }) => ident(column.name)).join(", ")}) VALUES ${rows.map(({ sql }) => sql).join(", ")}`;

/** What stands in the table now against what was to be written. */
async function verify(work: Work, columns: readonly MyColumn[]): Promise<void> {
  const { session, member, batch, keys, inserted } = work;
  const wanted = inserted.map((row) => keys[row] ?? []);
  const there = await digestsByKey(session, member, columns, wanted, "none");
  for (const row of inserted) {
    const key = keys[row] ?? [];
    if (there.get(keyId(key)) !== hexOf(batch.digests[row])) throw changed(member, key);
  }
}

const changed = ({ table }: MyMember, key: RowKey) =>
  new StoreError(
    "corrupt",
    `The row ${key.join(", ")} of ${table.schema}.${table.name} does not read back as it was written (a trigger, or a narrower column). Nothing was written.`,
    { key: "mysql.writtenDiffers", details: { table: `${table.schema}.${table.name}`, key: key.join(", ") } },
  );

function rowTooLong({ member: { table }, keys, session }: Work, row: number, bytes: number): StoreError {
  const name = `${table.schema}.${table.name}`;
  const key = (keys[row] ?? []).join(", ");
  const packetBytes = session.server.maxPacketBytes;
  return new StoreError(
    "refused",
    `The row ${key} of ${name} takes ${bytes} bytes to write, more than the server's max_allowed_packet of ${packetBytes}. Nothing was written. Raise max_allowed_packet and try again.`,
    { key: "mysql.writeTooLong", details: { table: name, key, bytes, packetBytes } },
  );
}
