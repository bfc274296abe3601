import { createHash, randomUUID } from "node:crypto";
import { Readable } from "node:stream";
import { isAppError } from "@/lib/errors";
import type { S3Handle } from "@/lib/stores/s3/client";
import { createOnly } from "@/lib/stores/s3/conditional";
import { aborted, exists, isUnsure, s3Code } from "@/lib/stores/s3/errors";
import { bucketKey } from "@/lib/stores/s3/mapper";
import { type PartSource, type Put, partsOf, uploadParts } from "@/lib/stores/s3/multipart";
import { headObject } from "@/lib/stores/s3/read";

/** A writer that was overtaken by another between two looks is told so by 409: it looks again. */
const RACE_TRIES = 4;

/**
 * Writes a whole object under a key that did not exist, or nothing at all. Bodies larger than a part are sent in
 * parts, a few at once; memory is bounded by those. Where the server cannot refuse to overwrite, it is looked first
 * whether the key is free: see docs/stores/s3.md.
 */
export async function putObject(
  handle: S3Handle,
  key: string,
  body: Readable | Uint8Array,
  signal: AbortSignal,
): Promise<{ sizeBytes: number; sha256: string }> {
  try {
    const Key = bucketKey(handle.config.prefix, key);
    const guarded = await createOnly(handle, signal);
    const put: Put = { handle, key, Key, mark: randomUUID(), guarded, signal };
    if (!guarded) await refuseTaken(put);
    const source = partsOf(body, signal);
    const { first, last } = await source.begin();
    if (last) return await putWhole(put, first);
    if (guarded) await refuseTaken(put); // a conflict is better known before hundreds of megabytes than after
    return await putParts(put, source, first);
  } catch (error) {
    if (signal.aborted) throw aborted(signal, key);
    throw error;
  } finally {
    if (body instanceof Readable) body.destroy();
  }
}

async function refuseTaken({ handle, key, signal }: Put): Promise<void> {
  if (await headObject(handle, key, signal)) throw exists(key);
}

async function putWhole(put: Put, bytes: Uint8Array): Promise<{ sizeBytes: number; sha256: string }> {
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const { handle, Key, mark, guarded, signal } = put;
  await settled(put, bytes.byteLength, () =>
    handle.call({ signal, what: put.key, timeoutMs: null }, (client, { PutObjectCommand }, abortSignal) =>
      client.send(
        new PutObjectCommand({
          Bucket: handle.bucket,
          Key,
          Body: bytes,
          ContentLength: bytes.byteLength,
          Metadata: { "strata-put": mark, "strata-sha256": sha256 },
          ...(guarded && { IfNoneMatch: "*" }),
        }),
        { abortSignal },
      ),
    ),
  );
  return { sizeBytes: bytes.byteLength, sha256 };
}

async function putParts(
  put: Put,
  source: PartSource,
  first: Uint8Array,
): Promise<{ sizeBytes: number; sha256: string }> {
  const upload = await uploadParts(put, source, first);
  try {
    if (!put.guarded) await refuseTaken(put);
    await settled(put, upload.sizeBytes, upload.complete);
  } catch (error) {
    await upload.abort();
    throw error;
  }
  return { sizeBytes: upload.sizeBytes, sha256: upload.sha256 };
}

/**
 * Sends what makes the object visible, and finds out what became of it when the answer says that the key is taken
 * (perhaps by us, by a try whose answer was lost) or when no answer came: some servers reset the connection of a
 * create-only put they refuse.
 */
async function settled(put: Put, sizeBytes: number, send: () => Promise<unknown>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await send();
      return;
    } catch (error) {
      if (put.signal.aborted || !needsLook(error)) throw error;
      const found = await headObject(put.handle, put.key, put.signal);
      if (found?.marks["strata-put"] === put.mark && found.sizeBytes === sizeBytes) return;
      if (found) throw exists(put.key, error);
      const raced = s3Code(error) === "ConditionalRequestConflict";
      if (!raced || attempt >= RACE_TRIES) throw error;
    }
  }
}

const needsLook = (error: unknown): boolean =>
  isUnsure(error) ||
  s3Code(error) === "ConditionalRequestConflict" ||
  s3Code(error) === "NoSuchUpload" ||
  (isAppError(error) && error.code === "conflict");
