import type { S3Handle } from "@/lib/stores/s3/client";
import { bucketPrefix, ourKey } from "@/lib/stores/s3/mapper";

/** An upload begun longer ago than this is nobody's: no single object takes a day to write. */
export const STALE_MS = 24 * 3600 * 1000;
const PAGE = 1_000;
const MOST_UPLOADS = 10_000;

export interface StaleUpload {
  key: string;
  uploadId: string;
  startedAt: Date;
}

/** Multipart uploads below a prefix that were begun more than `olderThanMs` ago and never finished; at most 10,000. */
export async function staleUploads(
  handle: S3Handle,
  prefix: string,
  olderThanMs: number,
  signal: AbortSignal,
): Promise<StaleUpload[]> {
  const own = handle.config.prefix;
  const found: StaleUpload[] = [];
  let at: { KeyMarker?: string; UploadIdMarker?: string } = {};
  for (let more = true; more && found.length < MOST_UPLOADS; ) {
    const page = await handle.call({ signal, what: handle.bucket }, (client, sdk, abortSignal) =>
      client.send(
        new sdk.ListMultipartUploadsCommand({
          Bucket: handle.bucket,
          Prefix: bucketPrefix(own, prefix),
          MaxUploads: PAGE,
          ...at,
        }),
        { abortSignal },
      ),
    );
    for (const { Key = "", UploadId = "", Initiated } of page.Uploads ?? []) {
      if (!Initiated || Date.now() - Initiated.getTime() < olderThanMs) continue;
      found.push({ key: ourKey(own, Key), uploadId: UploadId, startedAt: Initiated });
    }
    at = { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker };
    more = page.IsTruncated === true && page.NextKeyMarker !== undefined;
  }
  return found;
}

/** Takes one back. One that was finished or taken back meanwhile is no error. */
export async function abortUpload(handle: S3Handle, upload: StaleUpload, signal: AbortSignal): Promise<void> {
  const Key = bucketPrefix(handle.config.prefix, upload.key);
  await handle.call({ signal, what: upload.key }, (client, sdk, abortSignal) =>
    client
      .send(new sdk.AbortMultipartUploadCommand({ Bucket: handle.bucket, Key, UploadId: upload.uploadId }), {
        abortSignal,
      })
      .catch((error: unknown) => {
        if (error instanceof sdk.S3ServiceException && error.name === "NoSuchUpload") return;
        throw error;
      }),
  );
}
