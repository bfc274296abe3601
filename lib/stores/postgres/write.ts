import { StoreError } from "@/lib/errors";
import type { Batch, RowKey, Vector } from "@/lib/stores/batch";
import { addDigests, emptyDigest } from "@/lib/stores/digest";
import { byteaArray, textArray } from "@/lib/stores/postgres/arrays";
import type { PgHandle, Row, Session } from "@/lib/stores/postgres/client";
import { digestSql } from "@/lib/stores/postgres/digest-sql";
import { sqlState, toStoreError } from "@/lib/stores/postgres/errors";
import { conflictTarget, joinKeys, keyId, keyOf, keyOutputs, keyTable } from "@/lib/stores/postgres/keys";
import { columnOf, type PgMember, resolveMember, type Shapes } from "@/lib/stores/postgres/shapes";
import { ident, parameters, tableName } from "@/lib/stores/postgres/sql";
import type { FamilyMember, WriteResult } from "@/lib/stores/rows";
import { vectorText } from "@/lib/stores/text-form";

type Conflict = WriteResult["conflicts"][number];

interface Work {
  session: Session;
  member: PgMember;
  batch: Batch;
  keys: readonly RowKey[];
  inserted: Uint8Array[];
  conflicts: Conflict[];
}

/**
 * Inserts the rows of a batch in one transaction. A key that is there already is left: equal rows are counted,
 * different ones are conflicts. Rows the table refuses (a check, another unique index, a foreign key) are
 * conflicts of their own. Every row that went in is read back as a digest; one that differs from the batch's
 * undoes the whole call and throws corrupt.
 */
export async function writeRows(
  handle: PgHandle,
  shapes: Shapes,
  wanted: FamilyMember,
  batch: Batch,
  signal: AbortSignal,
): Promise<WriteResult> {
  return handle.run({ signal, transaction: "write" }, async (session) => {
    const member = await resolveMember(session, shapes, wanted);
    if (wanted.key.length === 0) throw keyless(member);
    const keys = keysOf(member, batch);
    const { fresh, identical, conflicts } = await compareExisting(session, member, batch, keys);
    const work = { session, member, batch, keys, inserted: [], conflicts };
    await insert(work, fresh);
    return { inserted: addDigests(emptyDigest(), work.inserted), identical, conflicts };
  });
}

const keyless = (member: PgMember) =>
  new StoreError(
    "refused",
    `${member.table.schema}.${member.table.name} has no key: writing could double rows. Nothing was written.`,
    { key: "postgres.noKey", details: { table: `${member.table.schema}.${member.table.name}` } },
  );

function keysOf(member: PgMember, batch: Batch): RowKey[] {
  const vectors = member.key.map((column) => vectorNamed(batch, column.name));
  return Array.from({ length: batch.rowCount }, (_, row) =>
    vectors.map((vector) => vectorText(vector, row) ?? ""),
  );
}

function vectorNamed(batch: Batch, name: string): Vector {
  const vector = batch.vectors.find((one) => one.name === name);
  if (vector) return vector;
  throw new StoreError("corrupt", `The rows to write lack the key column ${name}. Nothing was written.`, {
    key: "postgres.keyColumnMissing",
    details: { column: name },
  });
}

/** The columns the digest is over: those of the batch, in its order. */
const digestColumns = (member: PgMember, batch: Batch) =>
  batch.vectors.map((vector) => columnOf(member.shape, vector.name));

async function compareExisting(session: Session, member: PgMember, batch: Batch, keys: readonly RowKey[]) {
  const values = parameters();
  const list = keyTable(member.key, keys, values);
  const rows = await session.query(
    `SELECT u.ord::text, ${digestSql("r", digestColumns(member, batch))}::text AS digest
       FROM ${list} JOIN ${tableName(member.table)} r ON ${joinKeys(member.key, "r", "u")}`,
    values.params,
  );
  const there = new Map(rows.map((row) => [Number(row.ord) - 1, row.digest ?? ""]));
  const fresh: number[] = [];
  const conflicts: Conflict[] = [];
  let identical = 0;
  for (let row = 0; row < batch.rowCount; row++) {
    const digest = there.get(row);
    if (digest === undefined) fresh.push(row);
    else if (digest === uuidText(batch.digests[row])) identical += 1;
    else conflicts.push({ key: keys[row] ?? [], reason: "differentContent", detail: "" });
  }
  return { fresh, identical, conflicts };
}

function uuidText(digest: Uint8Array | undefined): string {
  const hex = Buffer.from(digest ?? []).toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** Inserts these rows; when the table refuses one of them, halves the list until the row is found. */
async function insert(work: Work, rows: readonly number[]): Promise<void> {
  if (rows.length === 0) return;
  await work.session.query("SAVEPOINT strata_rows");
  let answered: Row[];
  try {
    answered = await insertStatement(work, rows);
  } catch (error) {
    if (!/^(22|23)/.test(sqlState(error) ?? "")) throw error;
    await work.session.query("ROLLBACK TO SAVEPOINT strata_rows");
    if (rows.length === 1) {
      const detail = toStoreError(error).message;
      work.conflicts.push({ key: work.keys[rows[0] ?? 0] ?? [], reason: "rejected", detail });
      return;
    }
    const middle = Math.ceil(rows.length / 2);
    await insert(work, rows.slice(0, middle));
    await insert(work, rows.slice(middle));
    return;
  }
  await work.session.query("RELEASE SAVEPOINT strata_rows");
  verify(work, rows, answered);
}

async function insertStatement(work: Work, rows: readonly number[]): Promise<Row[]> {
  const { member, batch } = work;
  const values = parameters();
  const written = batch.vectors
    .map((vector) => ({ vector, column: columnOf(member.shape, vector.name) }))
    .filter(({ column }) => column.generated !== "stored");
  const arrays = written.map(({ vector }) => arrayOf(vector, rows, values));
  const names = written.map((_, at) => `v${at}`);
  const cast = written.map(({ column }, at) =>
    column.physical === "bytes" && column.castType === "bytea" ? `s.v${at}` : `s.v${at}::${column.castType}`,
  );
  const target = written.map(({ column }) => ident(column.name)).join(", ");
  return work.session.query(
    `INSERT INTO ${tableName(member.table)} AS r (${target}) OVERRIDING SYSTEM VALUE
     SELECT ${cast.join(", ")} FROM unnest(${arrays.join(", ")}) AS s(${names.join(", ")})
     ON CONFLICT (${conflictTarget(member.key)}) DO NOTHING
     RETURNING ${keyOutputs(member.key, "r")}, ${digestSql("r", digestColumns(member, batch))}::text AS digest`,
    values.params,
  );
}

function arrayOf(vector: Vector, rows: readonly number[], values: ReturnType<typeof parameters>): string {
  if (vector.physical === "bytes") {
    return `${values.binary(byteaArray(rows.map((row) => bytesAt(vector, row))))}::bytea[]`;
  }
  const raw = vector.physical === "text";
  const texts = rows.map((row) =>
    raw ? (textExact(vector, row) ?? bytesAt(vector, row)) : vectorText(vector, row),
  );
  return `${values.binary(textArray(texts))}::text[]`;
}

const textExact = (vector: Vector, row: number) => vector.exact.get(row);

const bytesAt = (vector: Vector, row: number): Uint8Array | null =>
  (vector.values[row] as Uint8Array | null | undefined) ?? null;

/** What stands in the table now against what was to be written. */
function verify(work: Work, rows: readonly number[], answered: readonly Row[]): void {
  const digests = new Map(
    answered.map((row) => [keyId(keyOf(work.member.key, row)), row.digest ?? ""] as const),
  );
  for (const row of rows) {
    const key = work.keys[row] ?? [];
    const written = digests.get(keyId(key));
    const wanted = work.batch.digests[row];
    if (written === undefined) {
      // Somebody else, or an earlier row of this batch, put the key there in the meantime.
      work.conflicts.push({
        key,
        reason: "differentContent",
        detail: "the key appeared while it was written",
      });
      continue;
    }
    digests.delete(keyId(key));
    if (wanted !== undefined && written !== uuidText(wanted)) throw changed(work.member, key);
    work.inserted.push(wanted ?? Buffer.from(written.replaceAll("-", ""), "hex"));
  }
  if (digests.size > 0) throw changed(work.member, [...digests.keys()]);
}

const changed = (member: PgMember, key: RowKey) =>
  new StoreError(
    "corrupt",
    `The row ${key.join(", ")} of ${member.table.schema}.${member.table.name} does not read back as it was written (a trigger, or a narrower column). Nothing was written.`,
    {
      key: "postgres.writtenDiffers",
      details: { table: `${member.table.schema}.${member.table.name}`, key: key.join(", ") },
    },
  );
