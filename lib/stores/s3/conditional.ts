import { randomUUID } from "node:crypto";
import type { S3Client } from "@aws-sdk/client-s3";
import { isAppError } from "@/lib/errors";
import type { S3Handle, Sdk } from "@/lib/stores/s3/client";
import { s3Code } from "@/lib/stores/s3/errors";
import { bucketPrefix, PROBE } from "@/lib/stores/s3/mapper";

/** What is known of a place is asked again after this long, or at once when something was missing. */
const KNOWN_MS = 10 * 60_000;
const CLEANUP_MS = 10_000;

/** What trying has shown about a bucket. Null: could not be tried, because another right is missing. */
export interface Findings {
  mayPut: boolean;
  mayDelete: boolean;
  mayGet: boolean | null;
  mayAbort: boolean | null;
  /** Whether the server refuses a create-only put of a key that is there: PUT, and the end of a multipart upload. */
  putRefuses: boolean | null;
  completeRefuses: boolean | null;
  /** Whether unfinished uploads are listed by prefix: MinIO lists them by their exact key alone. */
  listsUploads: boolean | null;
}

const known = new Map<string, { at: number; findings: Findings }>();

/** What was found lately by a handle of this process; null when nothing was. */
export const lastFindings = (handle: S3Handle): Findings | null => known.get(handle.place)?.findings ?? null;

/**
 * Tries each right, and create-only writes, with an object of no content under the store's prefix that is removed
 * again. Kept for ten minutes; asked anew at once while something is missing. Needs a handle that may write.
 */
export async function findings(handle: S3Handle, signal: AbortSignal): Promise<Findings> {
  const held = known.get(handle.place);
  if (held && Date.now() - held.at < KNOWN_MS && hasAll(held.findings)) return held.findings;
  const found = await tryAll(handle, signal);
  known.set(handle.place, { at: Date.now(), findings: found });
  return found;
}

const hasAll = ({ mayPut, mayDelete, mayGet, mayAbort }: Findings): boolean =>
  mayPut && mayDelete && mayGet === true && mayAbort === true;

/** Whether puts may lean on the server to refuse a taken key. */
export async function createOnly(handle: S3Handle, signal: AbortSignal): Promise<boolean> {
  const held = known.get(handle.place);
  // What a server cannot do it will not learn between two puts of one operation.
  const found = held && Date.now() - held.at < KNOWN_MS ? held.findings : await findings(handle, signal);
  return found.putRefuses !== false && found.completeRefuses !== false;
}

interface Prober {
  handle: S3Handle;
  Key: string;
  signal: AbortSignal;
}

async function tryAll(handle: S3Handle, signal: AbortSignal): Promise<Findings> {
  const own = (name: string) => bucketPrefix(handle.config.prefix, name);
  const prober = { handle, Key: own(`${PROBE}-${randomUUID()}`), signal };
  const mayDelete = await allowed(() => remove(prober));
  // What could not be removed would pile up: then one object serves every probe.
  const at = mayDelete ? prober : { ...prober, Key: own(PROBE) };
  try {
    const mayPut = await allowed(() => put(at));
    if (!mayPut) return { ...NOTHING, mayDelete };
    const mayGet = await allowed(() => get(at));
    const putRefuses = await refuses(() => put(at));
    return { mayPut, mayDelete, mayGet, putRefuses, ...(await tryUpload(at)) };
  } finally {
    if (mayDelete) await remove({ ...at, signal: AbortSignal.timeout(CLEANUP_MS) }).catch(() => undefined);
  }
}

const NOTHING: Findings = {
  mayPut: false,
  mayDelete: false,
  mayGet: null,
  mayAbort: null,
  putRefuses: null,
  completeRefuses: null,
  listsUploads: null,
};

/** A multipart upload onto the probe that is there: its end must be refused, and it must be possible to take it back. */
async function tryUpload(
  at: Prober,
): Promise<Pick<Findings, "mayAbort" | "completeRefuses" | "listsUploads">> {
  const { handle, Key } = at;
  const UploadId = await send(at, async (client, sdk, abortSignal) => {
    const created = await client.send(new sdk.CreateMultipartUploadCommand({ Bucket: handle.bucket, Key }), {
      abortSignal,
    });
    return created.UploadId ?? "";
  });
  const part = await send(at, (client, sdk, abortSignal) =>
    client.send(
      new sdk.UploadPartCommand({
        Bucket: handle.bucket,
        Key,
        UploadId,
        PartNumber: 1,
        Body: Buffer.from("probe"),
      }),
      { abortSignal },
    ),
  );
  const listsUploads = await listed(at, UploadId);
  const completeRefuses = await refuses(() =>
    send(at, (client, sdk, abortSignal) =>
      client.send(
        new sdk.CompleteMultipartUploadCommand({
          Bucket: handle.bucket,
          Key,
          UploadId,
          MultipartUpload: { Parts: [{ PartNumber: 1, ETag: part.ETag }] },
          IfNoneMatch: "*",
        }),
        { abortSignal },
      ),
    ),
  );
  const mayAbort = await allowed(() =>
    send({ ...at, signal: AbortSignal.timeout(CLEANUP_MS) }, (client, sdk, abortSignal) =>
      client.send(new sdk.AbortMultipartUploadCommand({ Bucket: handle.bucket, Key, UploadId }), {
        abortSignal,
      }),
    ),
  );
  return { mayAbort, completeRefuses, listsUploads };
}

async function listed(at: Prober, UploadId: string): Promise<boolean | null> {
  const Prefix = at.Key.slice(0, -1);
  try {
    const page = await send(at, (client, sdk, abortSignal) =>
      client.send(new sdk.ListMultipartUploadsCommand({ Bucket: at.handle.bucket, Prefix }), { abortSignal }),
    );
    return page.Uploads?.some((upload) => upload.UploadId === UploadId) ?? false;
  } catch (error) {
    if (isAppError(error) && ["forbidden", "refused"].includes(error.code)) return null;
    throw error;
  }
}

type Work<T> = (client: S3Client, sdk: Sdk, abortSignal: AbortSignal) => Promise<T>;

const send = <T>(at: Prober, work: Work<T>): Promise<T> =>
  at.handle.call({ signal: at.signal, what: at.Key }, work);

const remove = (at: Prober): Promise<unknown> =>
  at.handle.call({ signal: at.signal, what: at.Key }, (client, { DeleteObjectCommand }, abortSignal) =>
    client.send(new DeleteObjectCommand({ Bucket: at.handle.bucket, Key: at.Key }), { abortSignal }),
  );

const get = (at: Prober): Promise<unknown> =>
  at.handle.call({ signal: at.signal, what: at.Key }, async (client, { GetObjectCommand }, abortSignal) => {
    const found = await client.send(new GetObjectCommand({ Bucket: at.handle.bucket, Key: at.Key }), {
      abortSignal,
    });
    await found.Body?.transformToByteArray();
  });

/** A probe that an earlier one left behind is as good as a new one: then the server can refuse, as it just did. */
async function put(at: Prober): Promise<void> {
  await at.handle.call({ signal: at.signal, what: at.Key }, (client, { PutObjectCommand }, abortSignal) =>
    client.send(
      new PutObjectCommand({
        Bucket: at.handle.bucket,
        Key: at.Key,
        Body: Buffer.from("probe"),
        IfNoneMatch: "*",
      }),
      { abortSignal },
    ),
  );
}

async function allowed(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (!isAppError(error)) throw error;
    if (error.key === "s3.right") return false;
    // Taken back already, there already, or not known here: the right is not what was missing.
    if (["conflict", "not_found"].includes(error.code)) return true;
    if (error.key === "s3.notImplemented") return true;
    throw error;
  }
}

/** True: it said no because the key is taken. False: it did as it was told, or does not know the condition. */
async function refuses(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return false;
  } catch (error) {
    if (isAppError(error) && error.code === "conflict") return true;
    if (isAppError(error) && (error.key === "s3.notImplemented" || s3Code(error) === "InvalidArgument"))
      return false;
    throw error;
  }
}
