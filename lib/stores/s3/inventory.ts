import type { S3Handle } from "@/lib/stores/s3/client";
import { tableOfKey } from "@/lib/stores/s3/mapper";
import { type ListedObject, listObjects } from "@/lib/stores/s3/read";
import type { TableRef } from "@/lib/stores/table";

/** Every thousand objects are one request, which a cloud charges for. */
export interface Budget {
  objects: number;
  ms: number;
  /** A walk that is not older than this is taken instead. */
  maxAgeMs: number;
}

export interface Part {
  ref: TableRef;
  objects: number;
  sizeBytes: number;
  oldestAt: string;
  newestAt: string;
}

/** Objects with equal content under several keys, as their ETag and size tell. */
export interface Duplicate {
  keys: string[];
  copies: number;
  sizeBytes: number;
}

/** What one walk over the bucket's keys under the store's prefix has added up. */
export interface Inventory {
  at: number;
  /** False: the budget ended it, and every figure is "at least". */
  complete: boolean;
  objects: number;
  sizeBytes: number;
  parts: Part[];
  classes: Map<string, number>;
  duplicates: Duplicate[];
}

/** Content that is compared with that of others: beyond so many objects the report is of the first ones. */
const MOST_COMPARED = 200_000;
const MOST_PLACES = 50;
const walks = new Map<string, Inventory>();
/** Places that this process has written to since their last walk: their figures are not kept for long. */
const touched = new Set<string>();
const TOUCHED_AGE_MS = 60_000;

/** To be called after a put or a delete. */
export const forgetInventory = (handle: S3Handle): void => void touched.add(handle.place);

/** Adds up what is there, within a budget. Shared by everything that shows sizes. */
export async function inventory(handle: S3Handle, budget: Budget, signal: AbortSignal): Promise<Inventory> {
  const held = walks.get(handle.place);
  const maxAgeMs = touched.has(handle.place) ? Math.min(TOUCHED_AGE_MS, budget.maxAgeMs) : budget.maxAgeMs;
  if (held && Date.now() - held.at < maxAgeMs && (held.complete || budget.objects <= held.objects))
    return held;
  touched.delete(handle.place);
  const made = await walk(handle, budget, signal);
  walks.delete(handle.place);
  walks.set(handle.place, made);
  for (const place of walks.keys()) if (walks.size > MOST_PLACES) walks.delete(place);
  return made;
}

async function walk(handle: S3Handle, budget: Budget, signal: AbortSignal): Promise<Inventory> {
  const deadline = performance.now() + budget.ms;
  const parts = new Map<string, Part>();
  const classes = new Map<string, number>();
  const contents = new Map<string, Duplicate>();
  let [objects, sizeBytes, complete] = [0, 0, true];
  for await (const object of listObjects(handle, "", signal)) {
    if (objects >= budget.objects || performance.now() > deadline) {
      complete = false;
      break;
    }
    objects += 1;
    sizeBytes += object.sizeBytes;
    addTo(parts, object);
    classes.set(object.storageClass, (classes.get(object.storageClass) ?? 0) + object.sizeBytes);
    if (contents.size < MOST_COMPARED) compare(contents, object);
  }
  return {
    at: Date.now(),
    complete,
    objects,
    sizeBytes,
    parts: [...parts.values()].sort((a, b) => b.sizeBytes - a.sizeBytes),
    classes,
    duplicates: [...contents.values()]
      .filter(({ copies }) => copies > 1)
      .sort((a, b) => b.sizeBytes * (b.copies - 1) - a.sizeBytes * (a.copies - 1)),
  };
}

function addTo(parts: Map<string, Part>, { key, sizeBytes, modifiedAt }: ListedObject): void {
  const ref = tableOfKey(key);
  const id = JSON.stringify([ref.schema, ref.name]);
  const part = parts.get(id) ?? { ref, objects: 0, sizeBytes: 0, oldestAt: modifiedAt, newestAt: modifiedAt };
  parts.set(id, {
    ref,
    objects: part.objects + 1,
    sizeBytes: part.sizeBytes + sizeBytes,
    oldestAt: modifiedAt < part.oldestAt ? modifiedAt : part.oldestAt,
    newestAt: modifiedAt > part.newestAt ? modifiedAt : part.newestAt,
  });
}

/** Empty objects are all alike, and an ETag is only a hash of content where it was put in one piece: both sides were. */
function compare(contents: Map<string, Duplicate>, { key, etag, sizeBytes }: ListedObject): void {
  if (sizeBytes === 0 || etag === "") return;
  const id = `${sizeBytes} ${etag}`;
  const found = contents.get(id);
  if (!found) {
    contents.set(id, { keys: [key], copies: 1, sizeBytes });
    return;
  }
  found.copies += 1;
  if (found.keys.length < 5) found.keys.push(key);
}
