import { setTimeout as sleep } from "node:timers/promises";
import { StoreError } from "@/lib/errors";
import type { Batch, RowKey, Vector } from "@/lib/stores/batch";
import { addDigest, type DigestSum, emptyDigest } from "@/lib/stores/digest";
import type { LogHandle } from "@/lib/stores/logstore/client";
import { cancelledError, readOnlyError, sqlState, toStoreError } from "@/lib/stores/logstore/errors";
import { identifier, valueLiteral } from "@/lib/stores/logstore/literal";
import type { LogColumn } from "@/lib/stores/logstore/mapper";
import { findRows } from "@/lib/stores/logstore/read";
import type { Shapes } from "@/lib/stores/logstore/shapes";
import { columnNamed, literalKind, tableName } from "@/lib/stores/logstore/sql";
import { rowDigest, rowDigests } from "@/lib/stores/row-digest";
import type { FamilyMember, WriteResult } from "@/lib/stores/rows";
import { vectorText } from "@/lib/stores/text-form";

/** One write of SLS takes 4,096 logs and 10 MB; one log at most 1 MB. */
const CHUNK = { rows: 1_000, bytes: 4 << 20 };
const MOST_ROW_BYTES = 1 << 20;
/** Keys of one look at what is there. */
const LOOK_KEYS = 1_000;
/** What was written shows in queries after one to three seconds. */
const VISIBLE_WITHIN_MS = 15_000;
const LOOK_AGAIN_MS = 100;
/** Too large, a value that does not fit: the row's own fault. */
const ROW_FAULT = /^(22|54)/;

interface Ours {
  row: number;
  id: string;
  key: RowKey;
  sql: string;
}

/**
 * Appends rows as versions, as they are: where they carry a version they keep it, so what was current is current
 * again. An equal current row is left, a different one is a conflict. Nothing can be taken back here: what the rows'
 * digests tell of is looked at before anything is sent, and again when it shows.
 */
export async function writeRows(
  handle: LogHandle,
  shapes: Shapes,
  member: FamilyMember,
  batch: Batch,
  signal: AbortSignal,
): Promise<WriteResult> {
  if (handle.options.access === "read") throw readOnlyError();
  if (signal.aborted) throw cancelledError();
  const shape = await shapes.shape(member.table, signal);
  const columns = batch.vectors.map(({ name }) => columnNamed(shape, name));
  const wanted = { ...member, columns: batch.vectors.map(({ name }) => name) };
  const digests = checkedDigests(batch);
  const rows = ownRows(member, batch, columns);
  const result: WriteResult = { inserted: emptyDigest(), identical: 0, conflicts: [] };
  const missing: Ours[] = [];
  const look = (some: readonly Ours[]) => currentDigests(handle, shapes, wanted, some, signal);
  const there = await look(rows);
  for (const one of rows) {
    const digest = there.get(one.id);
    if (digest === undefined) missing.push(one);
    else if (same(digest, digests[one.row])) result.identical += 1;
    else result.conflicts.push({ key: one.key, reason: "differentContent", detail: "" });
  }
  const written: Ours[] = [];
  const into = insertInto(shape.ref, columns);
  for (const chunk of chunksOf(missing, result))
    written.push(...(await append(handle, into, chunk, result, signal)));
  await seen(written, digests, look, signal);
  for (const { row } of written) result.inserted = plus(result.inserted, digests[row]);
  return result;
}

const same = (a: Uint8Array, b: Uint8Array | undefined): boolean =>
  b !== undefined && Buffer.from(a).equals(b);
const plus = (sum: DigestSum, digest: Uint8Array | undefined): DigestSum =>
  digest ? addDigest(sum, digest) : sum;

/** The digests as they will be asked for; a row whose own says otherwise is not what was archived. */
function checkedDigests(batch: Batch): Uint8Array[] {
  const digests = rowDigests(batch.vectors, batch.rowCount);
  const wrong = batch.digests.findIndex((digest, row) => !same(digest, digests[row]));
  if (wrong < 0) return digests;
  throw new StoreError("corrupt", `Row ${wrong} is not what its digest says. Nothing was written.`, {
    key: "logstore.digest",
    details: { row: wrong },
  });
}

function ownRows(member: FamilyMember, batch: Batch, columns: readonly LogColumn[]): Ours[] {
  const keys = member.key.map((name) => batch.vectors.find((vector) => vector.name === name));
  return Array.from({ length: batch.rowCount }, (_, row) => {
    const key = keys.map((vector) => (vector ? (vectorText(vector, row) ?? "") : ""));
    const values = batch.vectors.map((vector, at) => columnLiteral(columns[at], vector, row));
    return { row, key, id: JSON.stringify(key), sql: `(${values.join(", ")})` };
  });
}

const columnLiteral = (column: LogColumn | undefined, vector: Vector, row: number): string =>
  valueLiteral(column ? literalKind(column) : "text", vectorText(vector, row));

/** What lies under these keys, by key: digests over the columns that are written. */
async function currentDigests(
  handle: LogHandle,
  shapes: Shapes,
  wanted: FamilyMember,
  rows: readonly Ours[],
  signal: AbortSignal,
): Promise<Map<string, Uint8Array>> {
  const found = new Map<string, Uint8Array>();
  for (let from = 0; from < rows.length; from += LOOK_KEYS) {
    const keys = rows.slice(from, from + LOOK_KEYS).map(({ key }) => key);
    const batch = await findRows(handle, shapes, wanted, keys, signal);
    const columns = wanted.key.map((name) => batch.vectors.find((vector) => vector.name === name));
    for (let row = 0; row < batch.rowCount; row += 1) {
      const key = columns.map((vector) => (vector ? (vectorText(vector, row) ?? "") : ""));
      found.set(JSON.stringify(key), rowDigest(batch.vectors, row));
    }
  }
  return found;
}

const insertInto = (ref: FamilyMember["table"], columns: readonly LogColumn[]): string =>
  `INSERT INTO ${tableName(ref)} (${columns.map(({ name }) => identifier(name)).join(", ")}) VALUES `;

/** Rows of one statement each; one that is too large for any is a conflict. */
function* chunksOf(rows: readonly Ours[], result: WriteResult): Generator<Ours[]> {
  let chunk: Ours[] = [];
  let bytes = 0;
  for (const one of rows) {
    const size = Buffer.byteLength(one.sql);
    if (size > MOST_ROW_BYTES) {
      const detail = "A LogStore takes rows of up to 1 MB.";
      result.conflicts.push({ key: one.key, reason: "rejected", detail });
      continue;
    }
    if (chunk.length >= CHUNK.rows || (chunk.length > 0 && bytes + size > CHUNK.bytes)) {
      yield chunk;
      chunk = [];
      bytes = 0;
    }
    chunk.push(one);
    bytes += size;
  }
  if (chunk.length > 0) yield chunk;
}

/** Appends a chunk; where the service refuses a row of it, row by row. Returns those it took. */
async function append(
  handle: LogHandle,
  into: string,
  chunk: readonly Ours[],
  result: WriteResult,
  signal: AbortSignal,
): Promise<Ours[]> {
  try {
    await handle.query(into + chunk.map(({ sql }) => sql).join(", "), signal);
    return [...chunk];
  } catch (error) {
    if (!ROW_FAULT.test(sqlState(error) ?? "")) throw error;
    const [only] = chunk;
    if (chunk.length === 1 && only) {
      const detail = toStoreError(error).message;
      result.conflicts.push({ key: only.key, reason: "rejected", detail });
      return [];
    }
  }
  const taken: Ours[] = [];
  for (const one of chunk) taken.push(...(await append(handle, into, [one], result, signal)));
  return taken;
}

/** Waits until the rows show in queries, and compares them. */
async function seen(
  rows: readonly Ours[],
  digests: readonly Uint8Array[],
  look: (rows: readonly Ours[]) => Promise<Map<string, Uint8Array>>,
  signal: AbortSignal,
): Promise<void> {
  const until = Date.now() + VISIBLE_WITHIN_MS;
  let left = [...rows];
  while (left.length > 0) {
    const there = await look(left);
    const different = left.find(({ id, row }) => {
      const digest = there.get(id);
      return digest !== undefined && !same(digest, digests[row]);
    });
    if (different) throw differs(different.key);
    left = left.filter(({ id }) => !there.has(id));
    if (left.length === 0) return;
    if (Date.now() > until) throw notSeen(left.length);
    await sleep(LOOK_AGAIN_MS, undefined, { signal }).catch((error: unknown) => {
      throw cancelledError(error);
    });
  }
}

const differs = (key: RowKey): StoreError =>
  new StoreError(
    "corrupt",
    `The row ${key.join(", ")} did not arrive as it was sent. It was appended and cannot be taken back; its source is untouched.`,
    { key: "logstore.arrivedDifferent", details: { rowKey: key.join(", ") } },
  );

const notSeen = (rows: number): StoreError =>
  new StoreError(
    "timeout",
    `${rows} rows were appended and do not show in queries yet. Their source is untouched. Try again: what shows by then is left as it is.`,
    { key: "logstore.notSeen", details: { rows } },
  );
