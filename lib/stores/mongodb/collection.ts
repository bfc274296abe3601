import { createHash } from "node:crypto";
import type { Document } from "mongodb";
import type { Layout } from "@/lib/stores/batch";
import type { MongoHandle, RunOptions } from "@/lib/stores/mongodb/client";
import { collectionMissing, serverCode } from "@/lib/stores/mongodb/errors";
import { canBeColumn, KEY_COLUMN, layoutOf } from "@/lib/stores/mongodb/layout";
import type { ColumnShape, IndexShape, TableRef, TableShape } from "@/lib/stores/table";

/** Documents of a sample: the first and the last ones, as far as they are small. */
const SAMPLE_FIRST = 100;
const SAMPLE_LAST = 200;
const SAMPLE_BYTES = 8 << 20;

export interface CollectionInfo {
  ref: TableRef;
  kind: "collection" | "timeSeries" | "view";
  /** Tells a collection from a later one of the same name; empty where the server does not say. */
  uuid: string;
  options: Document;
  /** The time series' own time field. */
  timeField: string | null;
}

export interface MongoIndex {
  name: string;
  fields: readonly string[];
  /** Per field: 1, -1, "text", "hashed"… */
  kinds: readonly unknown[];
  unique: boolean;
  /** Whether every document stands in it. */
  whole: boolean;
  spec: Document;
}

export const fullName = ({ schema, name }: TableRef): string => `${schema}.${name}`;

/** Throws not_found. */
export async function collectionInfo(
  handle: MongoHandle,
  ref: TableRef,
  run: RunOptions,
): Promise<CollectionInfo> {
  const command = { listCollections: 1, filter: { name: ref.name } };
  const answer = await handle.command(ref.schema || handle.config.database, command, run);
  const found = batchOf(answer).find((one) => one.name === ref.name);
  if (!found) throw collectionMissing(fullName(ref));
  return infoOf(ref.schema, found);
}

const batchOf = (answer: Document): Document[] => answer.cursor?.firstBatch ?? [];

export function infoOf(schema: string, found: Document): CollectionInfo {
  const options: Document = found.options ?? {};
  const kind = found.type === "view" ? "view" : found.type === "timeseries" ? "timeSeries" : "collection";
  return {
    ref: { schema, name: String(found.name) },
    kind,
    uuid: String(found.info?.uuid ?? ""),
    options,
    timeField: options.timeseries?.timeField ?? null,
  };
}

/** The indexes of a collection; none of a view, or without the right. */
export async function indexesOf(
  handle: MongoHandle,
  info: CollectionInfo,
  run: RunOptions,
): Promise<MongoIndex[]> {
  if (info.kind === "view") return [];
  const answer = await handle
    .command(info.ref.schema, { listIndexes: info.ref.name, cursor: { batchSize: 200 } }, run)
    .catch((error: unknown) => {
      if (serverCode(error) === 13 || serverCode(error) === 26) return {};
      throw error;
    });
  return batchOf(answer).map((spec): MongoIndex => {
    const key: Document = spec.key ?? {};
    return {
      name: String(spec.name),
      fields: Object.keys(key),
      kinds: Object.values(key).map((kind: unknown) => (typeof kind === "string" ? kind : Number(kind))),
      unique: spec.unique === true || spec.name === "_id_",
      whole: !spec.sparse && !spec.partialFilterExpression && !spec.hidden,
      spec,
    };
  });
}

/** Whether an index gives the rows by time and then by _id without sorting them. */
export const ordersByTime = (indexes: readonly MongoIndex[], time: string): boolean =>
  indexes.some(
    ({ fields, kinds, whole, spec }) =>
      whole &&
      !spec.collation &&
      fields[0] === time &&
      fields[1] === KEY_COLUMN &&
      kinds[0] === kinds[1] &&
      typeof kinds[0] === "number",
  );

/** How rows of a collection are laid out in columns now. */
export async function currentLayout(
  handle: MongoHandle,
  ref: TableRef,
  indexes: readonly MongoIndex[],
  run: RunOptions,
): Promise<Layout> {
  const first = await sample(handle, ref, { limit: SAMPLE_FIRST, batchSize: SAMPLE_FIRST }, run);
  const last =
    first.length < SAMPLE_FIRST
      ? []
      : await sample(
          handle,
          ref,
          { limit: SAMPLE_LAST, batchSize: SAMPLE_FIRST, sort: { [KEY_COLUMN]: -1 } },
          run,
        );
  const indexed = indexes
    .flatMap(({ fields }) => fields)
    .filter((name) => canBeColumn(name) && name !== "_fts" && name !== "_ftsx");
  return layoutOf([...first, ...last], [...new Set(indexed)]);
}

async function sample(
  handle: MongoHandle,
  ref: TableRef,
  find: Document,
  run: RunOptions,
): Promise<Buffer[]> {
  const documents: Buffer[] = [];
  let sizeBytes = 0;
  for await (const document of handle.raw(ref, {}, find, run)) {
    documents.push(document);
    sizeBytes += document.length;
    if (sizeBytes > SAMPLE_BYTES) break;
  }
  return documents;
}

/** The collection as a table. Its fingerprint is that of the collection itself: its documents may look as they like. */
export async function describeCollection(
  handle: MongoHandle,
  ref: TableRef,
  run: RunOptions,
): Promise<TableShape> {
  const info = await collectionInfo(handle, ref, run);
  const indexes = await indexesOf(handle, info, run);
  const layout = await currentLayout(handle, ref, indexes, run);
  return {
    ref,
    kind: info.kind === "collection" ? "table" : info.kind,
    columns: layout.map(columnShape),
    // Documents of a time series have no unique _id, and those of a view belong to another collection.
    key: info.kind === "collection" ? [KEY_COLUMN] : null,
    indexes: indexes.map((index) => indexShape(ref, index)),
    triggers: [],
    incoming: [],
    outgoing: [],
    rowSecurity: false,
    fingerprint: createHash("sha256")
      .update(JSON.stringify([ref, info.kind, info.uuid]))
      .digest("hex")
      .slice(0, 32),
  };
}

const columnShape = ({ name, physical, sourceType }: Layout[number]): ColumnShape => ({
  name,
  type: sourceType,
  physical,
  nullable: name !== KEY_COLUMN,
  generated: "no",
  default: null,
});

export function indexShape(
  ref: TableRef,
  { name, fields, kinds, unique, spec }: MongoIndex,
  sizeBytes = 0,
  scans: number | null = null,
): IndexShape {
  const other = kinds.find((kind) => typeof kind === "string");
  const key = fields.map((field, at) => `${JSON.stringify(field)}: ${JSON.stringify(kinds[at])}`).join(", ");
  return {
    name,
    columns: [...fields],
    unique,
    primary: name === "_id_",
    valid: spec.hidden !== true,
    method: typeof other === "string" ? other : "btree",
    definition: `db.getCollection(${JSON.stringify(ref.name)}).createIndex({ ${key} })`,
    sizeBytes,
    scans,
  };
}
