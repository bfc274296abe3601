import { Readable } from "node:stream";
import { isAppError } from "@/lib/errors";
import type { S3Handle } from "@/lib/stores/s3/client";
import { aborted, noObject, notS3, s3Code, toStoreError } from "@/lib/stores/s3/errors";
import { bucketKey, bucketPrefix, isHidden, ourKey } from "@/lib/stores/s3/mapper";
import type { ObjectInfo } from "@/lib/stores/store";

const PAGE = 1_000;

/** An object as a listing tells it. */
export interface ListedObject extends ObjectInfo {
  etag: string;
  storageClass: string;
}

/** Size, time and the writer's marks of an object; null when it is not there. */
export async function headObject(
  handle: S3Handle,
  key: string,
  signal: AbortSignal,
): Promise<(ObjectInfo & { marks: Record<string, string> }) | null> {
  const Key = bucketKey(handle.config.prefix, key);
  try {
    const found = await handle.call({ signal, what: key }, (client, { HeadObjectCommand }, abortSignal) =>
      client.send(new HeadObjectCommand({ Bucket: handle.bucket, Key }), { abortSignal }),
    );
    return {
      key,
      sizeBytes: found.ContentLength ?? 0,
      modifiedAt: (found.LastModified ?? new Date(0)).toISOString(),
      marks: found.Metadata ?? {},
    };
  } catch (error) {
    // HEAD has no body that could name a missing bucket: the next call with one does.
    if (isAppError(error) && error.code === "not_found") return null;
    throw error;
  }
}

/** Bytes of an object, or of a half-open range of it. Throws not_found before the first byte. */
export async function getObject(
  handle: S3Handle,
  key: string,
  range: { from: number; until: number } | null,
  signal: AbortSignal,
): Promise<Readable> {
  const Key = bucketKey(handle.config.prefix, key);
  if (range && range.until <= range.from) {
    if (!(await headObject(handle, key, signal))) throw noObject(key);
    return Readable.from([]);
  }
  const Range = range ? `bytes=${range.from}-${range.until - 1}` : undefined;
  try {
    const answer = await handle.call({ signal, what: key, timeoutMs: null }, (client, sdk, abortSignal) =>
      client.send(new sdk.GetObjectCommand({ Bucket: handle.bucket, Key, Range }), { abortSignal }),
    );
    const { Body } = answer;
    if (!(Body instanceof Readable)) throw notS3(key);
    if (range && answer.ContentRange === undefined) {
      Body.destroy();
      throw notS3(key);
    }
    return bodyOf(Body, key, signal);
  } catch (error) {
    if (s3Code(error) === "InvalidRange") return Readable.from([]);
    throw error;
  }
}

/** The same bytes; what breaks on the way is told as a StoreError. */
function bodyOf(body: Readable, key: string, signal: AbortSignal): Readable {
  async function* chunks() {
    try {
      for await (const chunk of body) {
        signal.throwIfAborted();
        yield chunk as Uint8Array;
      }
    } catch (error) {
      throw signal.aborted ? aborted(signal, key) : toStoreError(error, key);
    }
  }
  const stream = Readable.from(chunks(), { objectMode: false, highWaterMark: 1 << 20 });
  stream.once("close", () => body.destroy()); // also when nobody read a byte
  return stream;
}

/** Objects below a prefix in key order, page by page. `startAfter`: only keys behind it. */
export async function* listObjects(
  handle: S3Handle,
  prefix: string,
  signal: AbortSignal,
): AsyncGenerator<ListedObject> {
  const own = handle.config.prefix;
  const Prefix = bucketPrefix(own, prefix);
  let token: string | undefined;
  do {
    const page = await handle.call({ signal, what: handle.bucket }, (client, sdk, abortSignal) =>
      client.send(
        new sdk.ListObjectsV2Command({
          Bucket: handle.bucket,
          Prefix,
          MaxKeys: PAGE,
          ...(token !== undefined && { ContinuationToken: token }),
        }),
        { abortSignal },
      ),
    );
    if (page.IsTruncated === undefined && page.Name === undefined) throw notS3(handle.bucket);
    for (const found of page.Contents ?? []) {
      const key = ourKey(own, found.Key ?? "");
      if (isHidden(key)) continue;
      yield {
        key,
        sizeBytes: found.Size ?? 0,
        modifiedAt: (found.LastModified ?? new Date(0)).toISOString(),
        etag: found.ETag ?? "",
        storageClass: found.StorageClass ?? "STANDARD",
      };
    }
    token = page.IsTruncated ? page.NextContinuationToken : undefined;
  } while (token !== undefined);
}

/** Removes an object. A missing one is no error. */
export async function deleteObject(handle: S3Handle, key: string, signal: AbortSignal): Promise<void> {
  const Key = bucketKey(handle.config.prefix, key);
  try {
    await handle.call({ signal, what: key }, (client, { DeleteObjectCommand }, abortSignal) =>
      client.send(new DeleteObjectCommand({ Bucket: handle.bucket, Key }), { abortSignal }),
    );
  } catch (error) {
    if (isAppError(error) && error.code === "not_found") return;
    throw error;
  }
}
