import { createHash } from "node:crypto";
import type { Readable } from "node:stream";
import { AppError } from "@/lib/errors";
import type { S3Handle } from "@/lib/stores/s3/client";

/** All parts but the last are of one size, as some servers demand; S3 takes 5 MiB and up, and 10,000 of them. */
export const PART_BYTES = 8 << 20;
const MOST_PARTS = 10_000;
const PARALLEL_PARTS = 4;
/** How long an upload that failed is given to be taken back; what is left then is found as a stale upload. */
const ABORT_MS = 10_000;

export interface Put {
  handle: S3Handle;
  key: string;
  /** The key in the bucket. */
  Key: string;
  /** Marks the object as written by this very call: an answer that was lost is asked for by it. */
  mark: string;
  /** Whether the server refuses to overwrite by itself. */
  guarded: boolean;
  signal: AbortSignal;
}

export interface PartSource {
  /** The first part, and whether it is the only one. */
  begin(): Promise<{ first: Uint8Array; last: boolean }>;
  /** The parts after the first. */
  rest(): AsyncGenerator<Uint8Array>;
}

/** Cuts a body into parts. Throws what the body throws, as it is. */
export function partsOf(body: Readable | Uint8Array, signal: AbortSignal): PartSource {
  const parts = body instanceof Uint8Array ? slices(body) : gathered(body, signal);
  let second: IteratorResult<Uint8Array> | null = null;
  return {
    async begin() {
      const first = await parts.next();
      if (first.done) return { first: new Uint8Array(), last: true };
      second = await parts.next();
      return { first: first.value, last: second.done === true };
    },
    async *rest() {
      if (second && !second.done) yield second.value;
      yield* parts;
    },
  };
}

async function* slices(bytes: Uint8Array): AsyncGenerator<Uint8Array, undefined> {
  for (let from = 0; from < bytes.byteLength; from += PART_BYTES)
    yield bytes.subarray(from, from + PART_BYTES);
}

async function* gathered(body: Readable, signal: AbortSignal): AsyncGenerator<Uint8Array, undefined> {
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  for await (const chunk of body) {
    signal.throwIfAborted();
    let bytes = typeof chunk === "string" ? Buffer.from(chunk) : (chunk as Uint8Array);
    while (heldBytes + bytes.byteLength >= PART_BYTES) {
      const taken = bytes.subarray(0, PART_BYTES - heldBytes);
      yield Buffer.concat([...held, taken]);
      [held, heldBytes] = [[], 0];
      bytes = bytes.subarray(taken.byteLength);
    }
    if (bytes.byteLength > 0) held.push(bytes);
    heldBytes += bytes.byteLength;
  }
  if (heldBytes > 0) yield Buffer.concat(held);
}

export interface Upload {
  sizeBytes: number;
  sha256: string;
  /** Makes the object visible. May be sent again. */
  complete(): Promise<unknown>;
  /** Takes back what was sent; never throws. */
  abort(): Promise<void>;
}

/** Sends all parts, four at once at most. When one fails, or the body breaks, all is taken back. */
export async function uploadParts(put: Put, source: PartSource, first: Uint8Array): Promise<Upload> {
  const UploadId = await createUpload(put);
  const stop = new AbortController();
  const signal = AbortSignal.any([put.signal, stop.signal]);
  const sent: { PartNumber: number; ETag: string }[] = [];
  const flying = new Set<Promise<void>>();
  const hash = createHash("sha256");
  let sizeBytes = 0;
  let launched = 0;
  const launch = async (bytes: Uint8Array): Promise<void> => {
    launched += 1;
    const PartNumber = launched;
    if (PartNumber > MOST_PARTS) throw tooLarge(put.key);
    hash.update(bytes);
    sizeBytes += bytes.byteLength;
    const flight: Promise<void> = uploadPart(put, UploadId, PartNumber, bytes, signal).then((part) => {
      sent.push(part);
      flying.delete(flight);
    });
    flight.catch(() => undefined); // met again by the race below
    flying.add(flight);
    while (flying.size >= PARALLEL_PARTS) await Promise.race(flying);
  };
  const abort = () => abortUpload(put, UploadId);
  try {
    await launch(first);
    for await (const part of source.rest()) await launch(part);
    await Promise.all(flying);
  } catch (error) {
    stop.abort();
    await Promise.allSettled(flying);
    await abort();
    throw error;
  }
  const Parts = sent.sort((a, b) => a.PartNumber - b.PartNumber);
  return {
    sizeBytes,
    sha256: hash.digest("hex"),
    complete: () => completeUpload(put, UploadId, Parts),
    abort,
  };
}

async function createUpload({ handle, key, Key, mark, signal }: Put): Promise<string> {
  const created = await handle.call({ signal, what: key }, (client, sdk, abortSignal) =>
    client.send(
      new sdk.CreateMultipartUploadCommand({ Bucket: handle.bucket, Key, Metadata: { "strata-put": mark } }),
      { abortSignal },
    ),
  );
  return created.UploadId ?? "";
}

async function uploadPart(
  { handle, key, Key }: Put,
  UploadId: string,
  PartNumber: number,
  Body: Uint8Array,
  signal: AbortSignal,
): Promise<{ PartNumber: number; ETag: string }> {
  const done = await handle.call({ signal, what: key, timeoutMs: null }, (client, sdk, abortSignal) =>
    client.send(
      new sdk.UploadPartCommand({
        Bucket: handle.bucket,
        Key,
        UploadId,
        PartNumber,
        Body,
        ContentLength: Body.byteLength,
      }),
      { abortSignal },
    ),
  );
  return { PartNumber, ETag: done.ETag ?? "" };
}

/** Part numbers and ETags alone: a server that was not asked for checksums refuses those of its own answers. */
const completeUpload = ({ handle, key, Key, guarded, signal }: Put, UploadId: string, Parts: object[]) =>
  handle.call({ signal, what: key, timeoutMs: null }, (client, sdk, abortSignal) =>
    client.send(
      new sdk.CompleteMultipartUploadCommand({
        Bucket: handle.bucket,
        Key,
        UploadId,
        MultipartUpload: { Parts },
        ...(guarded && { IfNoneMatch: "*" }),
      }),
      { abortSignal },
    ),
  );

async function abortUpload({ handle, key, Key }: Put, UploadId: string): Promise<void> {
  try {
    const signal = AbortSignal.timeout(ABORT_MS);
    await handle.call({ signal, what: key }, (client, sdk, abortSignal) =>
      client.send(new sdk.AbortMultipartUploadCommand({ Bucket: handle.bucket, Key, UploadId }), {
        abortSignal,
      }),
    );
  } catch {
    // It costs space, never data: `abortUploads` on the store's page takes it back later.
  }
}

const tooLarge = (key: string) =>
  new AppError(
    "bad_input",
    `${key} is larger than the ${(MOST_PARTS * PART_BYTES) / 2 ** 30} GiB one object may have.`,
    {
      key: "s3.tooLarge",
      details: { what: key },
    },
  );
