import type { Document } from "mongodb";
import type { Layout } from "@/lib/stores/batch";
import { lackingOf, numberIn } from "@/lib/stores/mongodb/answers";
import type { MongoHandle, RunOptions } from "@/lib/stores/mongodb/client";
import { type CollectionInfo, infoOf } from "@/lib/stores/mongodb/collection";
import { EXTRA_COLUMN, KEY_COLUMN, layoutOf } from "@/lib/stores/mongodb/layout";
import { loadVendor } from "@/lib/stores/mongodb/vendor";
import type { TableSummary } from "@/lib/stores/table";

const MAX_TABLES = 2_000;
/** Requests under way at once: the list must not fill the server's queue. */
const PARALLEL = 6;
/** Collections whose fields are looked at; the names of others are known once their page is opened. */
const MAX_SAMPLED = 300;
const SAMPLE_ROWS = 5;
const FIELDS_KEPT_MS = 600_000;

type Fields = readonly { name: string; type: string }[];

/** Fields by collection, as they were found a while ago: the list is drawn often, and fields hardly change. */
export class KnownFields {
  private readonly held = new Map<string, { fields: Fields; untilMs: number }>();

  get(id: string): Fields | undefined {
    const found = this.held.get(id);
    return found && found.untilMs > Date.now() ? found.fields : undefined;
  }

  set(id: string, fields: Fields): void {
    this.held.set(id, { fields, untilMs: Date.now() + FIELDS_KEPT_MS });
  }
}

/** The database's collections and views with the sizes that the server keeps, largest first. Nothing is counted. */
export async function listCollections(
  handle: MongoHandle,
  known: KnownFields,
  signal: AbortSignal,
): Promise<TableSummary[]> {
  const run = { signal };
  const schema = handle.config.database;
  await loadVendor();
  const listed = await handle.run(run, (client) =>
    client.db(schema).listCollections({}, { nameOnly: false, authorizedCollections: true }).toArray(),
  );
  const infos = listed
    .map((one) => infoOf(schema, one))
    .filter(({ ref }) => !ref.name.startsWith("system."))
    .slice(0, MAX_TABLES);
  const sized = await inParallel(infos, async (info) => ({ info, ...(await sizeOf(handle, info, run)) }));
  sized.sort((a, b) => b.sizeBytes - a.sizeBytes || (a.info.ref.name < b.info.ref.name ? -1 : 1));
  return inParallel(sized, async ({ info, rowCount, sizeBytes }, at) => ({
    ref: info.ref,
    kind: info.kind === "collection" ? "table" : info.kind,
    rowCount,
    sizeBytes,
    columns: at < MAX_SAMPLED ? await fieldsOf(handle, info, known, run) : [],
    key: info.kind === "collection" ? [KEY_COLUMN] : null,
  }));
}

async function sizeOf(handle: MongoHandle, info: CollectionInfo, run: RunOptions) {
  if (info.kind === "view") return { rowCount: null, sizeBytes: 0 };
  try {
    return sizesIn(await handle.command(info.ref.schema, { collStats: info.ref.name }, run));
  } catch (error) {
    // A collection that may not be measured, or went since it was listed, is listed without its size.
    if (lackingOf(error) === null) throw error;
    return { rowCount: null, sizeBytes: 0 };
  }
}

/** Bytes on the disk where the server tells them, else the documents' own; indexes in both. */
export function sizesIn(stats: Document): { rowCount: number | null; sizeBytes: number } {
  return { rowCount: numberIn(stats, "count"), sizeBytes: heapBytesIn(stats) + indexBytesIn(stats) };
}

export const heapBytesIn = (stats: Document): number =>
  numberIn(stats, "storageSize") || numberIn(stats, "size") || 0;

export const indexBytesIn = (stats: Document): number => numberIn(stats, "totalIndexSize") ?? 0;

async function fieldsOf(
  handle: MongoHandle,
  { ref, kind }: CollectionInfo,
  known: KnownFields,
  run: RunOptions,
): Promise<Fields> {
  if (kind === "view") return [];
  const held = known.get(ref.name);
  if (held) return held;
  const documents: Buffer[] = [];
  try {
    for await (const one of handle.raw(ref, {}, { limit: SAMPLE_ROWS, batchSize: SAMPLE_ROWS }, run))
      documents.push(one);
  } catch (error) {
    if (lackingOf(error) === null) throw error;
  }
  const fields = namesAndTypes(layoutOf(documents, []));
  known.set(ref.name, fields);
  return fields;
}

const namesAndTypes = (layout: Layout): Fields =>
  layout
    .filter(({ name }) => name !== EXTRA_COLUMN)
    .map(({ name, sourceType }) => ({ name, type: sourceType }));

async function inParallel<A, B>(
  items: readonly A[],
  work: (item: A, at: number) => Promise<B>,
): Promise<B[]> {
  const results: B[] = [];
  let next = 0;
  const worker = async () => {
    for (let at = next++; at < items.length; at = next++) {
      const item = items[at];
      if (item !== undefined) results[at] = await work(item, at);
    }
  };
  await Promise.all(Array.from({ length: Math.min(PARALLEL, items.length) }, worker));
  return results;
}
