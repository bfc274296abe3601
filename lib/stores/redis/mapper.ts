import { createHash } from "node:crypto";
import { StoreError } from "@/lib/errors";
import type { Batch, Vector } from "@/lib/stores/batch";
import { type EntryId, timeUsOf } from "@/lib/stores/redis/entry-id";
import { bufferOf, exactText, listOf, type Reply, textOf } from "@/lib/stores/redis/reply";
import { rowDigests } from "@/lib/stores/row-digest";
import type { ColumnShape } from "@/lib/stores/table";
import { textForm, vectorText } from "@/lib/stores/text-form";

/**
 * An entry as a row: `id`, `at` (the id's milliseconds), one text column per known field, and `_extra`. A field that
 * is in the entry once, and whose value is UTF-8, lies in its column. `_extra` is NULL when the columns tell the whole
 * entry, in their order; else a JSON list with one item per field in the entry's own order: the name of a column whose
 * value to take, or `[name, value]`. Names and values that are not UTF-8 are `{"base64": …}` there.
 */
export interface Entry {
  id: EntryId;
  /** Field, value, field, value … as the bytes they are. */
  fields: readonly Buffer[];
}

export const ID = "id";
export const AT = "at";
export const EXTRA = "_extra";
const ID_TYPE = "stream id";
const OWN = new Set([ID, AT, EXTRA]);

export const toEntry = (reply: Reply): Entry => {
  const [id, fields] = listOf(reply);
  return { id: textOf(id), fields: listOf(fields).map(bufferOf) };
};

export const entryBytes = ({ id, fields }: Entry): number =>
  fields.reduce((sum, part) => sum + part.byteLength, id.length + 20);

/** SHA-1 over `<length>:<bytes>` of every field and value in order: what a script in the server can compute too. */
export function entryHash({ fields }: Entry): string {
  const hash = createHash("sha1");
  for (const part of fields) hash.update(`${part.byteLength}:`).update(part);
  return hash.digest("hex");
}

/** Whether a field's name can be a column's. */
export const isColumnName = (name: string): boolean =>
  name !== "" && name.length <= 200 && !OWN.has(name.toLowerCase()) && !name.includes("\0");

export const shapeOf = (fieldNames: readonly string[]): ColumnShape[] => {
  const column = (name: string, type: string, physical: ColumnShape["physical"], nullable: boolean) =>
    ({ name, type, physical, nullable, generated: "no", default: null }) as const;
  return [
    column(ID, ID_TYPE, "text", false),
    column(AT, "timestamptz", "timestamptz", false),
    ...fieldNames.map((name) => column(name, "text", "text", true)),
    column(EXTRA, "json", "text", true),
  ];
};

interface Split {
  columns: Map<string, Buffer>;
  extra: string | null;
}

type Text = string | { base64: string };
const asText = (bytes: Buffer): Text => exactText(bytes) ?? { base64: bytes.toString("base64") };

function split(entry: Entry, known: ReadonlyMap<string, number>): Split {
  const counts = new Map<string, number>();
  const names: (string | null)[] = [];
  for (let at = 0; at < entry.fields.length; at += 2) {
    const name = exactText(entry.fields[at] as Buffer);
    names.push(name);
    if (name !== null) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const columns = new Map<string, Buffer>();
  const items: unknown[] = [];
  let plain = true;
  let last = -1;
  names.forEach((name, pair) => {
    const value = entry.fields[pair * 2 + 1] as Buffer;
    const at = name === null ? undefined : known.get(name);
    if (name !== null && at !== undefined && counts.get(name) === 1 && exactText(value) !== null) {
      columns.set(name, value);
      items.push(name);
      plain &&= at > last;
      last = at;
      return;
    }
    plain = false;
    items.push([asText(entry.fields[pair * 2] as Buffer), asText(value)]);
  });
  return { columns, extra: plain ? null : JSON.stringify(items) };
}

/** Entries as vectors of these columns; a column that no entry has is NULL throughout. */
export function toVectors(entries: readonly Entry[], columns: readonly string[]): Vector[] {
  const known = new Map(columns.filter((name) => !OWN.has(name)).map((name, at) => [name, at] as const));
  const rows = entries.map((entry) => split(entry, known));
  const vector = (name: string): Vector => {
    const text = { name, physical: "text", sourceType: "text", exact: new Map<number, string>() } as const;
    if (name === ID)
      return { ...text, sourceType: ID_TYPE, values: entries.map(({ id }) => Buffer.from(id)) };
    if (name === AT) {
      const values = entries.map(({ id }) => timeUsOf(id));
      return { ...text, physical: "timestamptz", sourceType: "timestamptz", values };
    }
    if (name === EXTRA) {
      const values = rows.map(({ extra }) => (extra === null ? null : Buffer.from(extra)));
      return { ...text, sourceType: "json", values };
    }
    return { ...text, values: rows.map((row) => row.columns.get(name) ?? null) };
  };
  return columns.map(vector);
}

export const cursorOf = (id: EntryId): string[] => [timeText(id), id];

const timeText = (id: EntryId): string => textForm("timestamptz", timeUsOf(id)) ?? "";

/** What RowVersions of this store hold for. */
export const VERSIONS = "redis entry sha1";

export function toBatch(
  entries: readonly Entry[],
  columns: readonly string[],
  wanted: { digests: boolean; versions?: boolean },
): Batch {
  const vectors = toVectors(entries, columns);
  return {
    rowCount: entries.length,
    vectors,
    digests: wanted.digests ? rowDigests(vectors, entries.length) : [],
    ...(wanted.versions && { versions: { origin: VERSIONS, rows: entries.map(entryHash) } }),
    sizeBytes: entries.reduce((sum, entry) => sum + entryBytes(entry), 0),
    end: cursorOf(entries.at(-1)?.id ?? "0-0"),
  };
}

/** The entries these rows were made from. Throws corrupt when a row is no entry's. */
export function toEntries(batch: Batch): Entry[] {
  const own = (name: string) => batch.vectors.find((vector) => vector.name === name);
  const id = own(ID);
  const extra = own(EXTRA);
  if (!id || !extra) throw noEntry("?");
  const fields = batch.vectors.filter(({ name }) => !OWN.has(name));
  return Array.from({ length: batch.rowCount }, (_, row) => {
    const name = vectorText(id, row) ?? "";
    return { id: name, fields: fieldsOf(name, fields, vectorText(extra, row), row) };
  });
}

function fieldsOf(id: EntryId, columns: readonly Vector[], extra: string | null, row: number): Buffer[] {
  const pairs = columns.flatMap((vector) => {
    const value = vector.values[row];
    if (value === null || value === undefined) return [];
    const bytes =
      value instanceof Uint8Array ? Buffer.from(value) : Buffer.from(vectorText(vector, row) ?? "");
    return [[vector.name, bytes] as const];
  });
  if (extra === null) return pairs.flatMap(([name, value]) => [Buffer.from(name), value]);
  const values = new Map(pairs);
  const items: unknown = JSON.parse(extra);
  if (!Array.isArray(items)) throw noEntry(id);
  return items.flatMap((item: unknown) => {
    if (typeof item === "string") {
      const value = values.get(item);
      if (!value) throw noEntry(id);
      return [Buffer.from(item), value];
    }
    if (!Array.isArray(item) || item.length !== 2) throw noEntry(id);
    return item.map((part: unknown) => fromText(id, part));
  });
}

function fromText(id: EntryId, part: unknown): Buffer {
  if (typeof part === "string") return Buffer.from(part);
  if (typeof part === "object" && part !== null && "base64" in part && typeof part.base64 === "string") {
    return Buffer.from(part.base64, "base64");
  }
  throw noEntry(id);
}

const noEntry = (id: EntryId) =>
  new StoreError(
    "corrupt",
    `The row ${id} is not an entry of a stream as Strata writes it. Nothing was written.`,
    {
      key: "redis.noEntry",
      details: { row: id },
    },
  );
