import { randomUUID } from "node:crypto";
import { isAppError } from "@/lib/errors";
import type { S3Handle } from "@/lib/stores/s3/client";
import { type Findings, findings, lastFindings } from "@/lib/stores/s3/conditional";
import { isNamed, notS3 } from "@/lib/stores/s3/errors";
import { type Budget, inventory } from "@/lib/stores/s3/inventory";
import { bucketPrefix, PROBE } from "@/lib/stores/s3/mapper";
import type { Health, Limit, Right } from "@/lib/stores/store";

/** A check runs every few seconds: it walks rarely, and not far. */
const BUDGET: Budget = { objects: 20_000, ms: 1_500, maxAgeMs: 10 * 60_000 };

/**
 * Asks for the bucket, and, with a handle that may write, tries every right and create-only writes with an object of
 * its own. Throws what makes the store useless: wrong keys, no such bucket, nothing there that speaks S3.
 */
export async function checkStore(handle: S3Handle, signal: AbortSignal): Promise<Health> {
  const writes = handle.options.access === "write";
  const { mayList, latencyMs } = await listOne(handle, signal);
  const found = writes ? await findings(handle, signal) : lastFindings(handle);
  const mayGet = found?.mayGet ?? (mayList ? await getsMissing(handle, signal) : false);
  const walked = mayList ? await inventory(handle, BUDGET, signal) : null;
  const rights = rightsOf(handle, mayList, mayGet, found);
  const limits = [...conditionalLimits(found), ...(await versioning(handle, signal))];
  if (walked && !walked.complete) limits.push(limit("s3Large", "info", { objects: walked.objects }));
  if (writes && !found?.mayDelete)
    limits.push(limit("s3ProbeStays", "info", { key: bucketPrefix(handle.config.prefix, PROBE) }));
  const fine = rights.every(({ granted }) => granted) && limits.every(({ severity }) => severity === "info");
  const { endpoint, region, addressing } = handle.config;
  return {
    state: fine ? "healthy" : "warning",
    version: handle.serverName || "S3",
    latencyMs,
    sizeBytes: walked?.complete ? walked.sizeBytes : null,
    freeBytes: null,
    rights,
    limits,
    facts: {
      bucket: handle.bucket,
      endpoint: endpoint || `s3.${region}.amazonaws.com`,
      region,
      addressing,
      tls: endpoint === "" || endpoint.startsWith("https:"),
    },
  };
}

async function listOne(
  handle: S3Handle,
  signal: AbortSignal,
): Promise<{ mayList: boolean; latencyMs: number }> {
  let started = performance.now();
  try {
    const Prefix = bucketPrefix(handle.config.prefix, "");
    await handle.call({ signal, what: handle.bucket }, async (client, sdk, abortSignal) => {
      started = performance.now(); // loading the client is not the server's time
      const input = { Bucket: handle.bucket, Prefix, MaxKeys: 1 };
      const page = await client.send(new sdk.ListObjectsV2Command(input), { abortSignal });
      if (page.IsTruncated === undefined && page.Name === undefined) throw notS3(handle.bucket);
    });
    return { mayList: true, latencyMs: performance.now() - started };
  } catch (error) {
    // A list has no object that could be missing, and a refusal has a name: whoever answers otherwise is none of S3.
    const unnamed = isAppError(error) && error.key === "s3.right" && !isNamed(error);
    if (unnamed || (isAppError(error) && error.key === "s3.object")) throw notS3(handle.bucket, error);
    if (!isAppError(error) || error.key !== "s3.right") throw error;
    return { mayList: false, latencyMs: performance.now() - started };
  }
}

/** With the right to list, a key that is not there answers 404 to who may read, and 403 to who may not. */
async function getsMissing(handle: S3Handle, signal: AbortSignal): Promise<boolean> {
  const Key = bucketPrefix(handle.config.prefix, `${PROBE}-${randomUUID()}`);
  try {
    await handle.call({ signal, what: Key }, (client, { GetObjectCommand }, abortSignal) =>
      client.send(new GetObjectCommand({ Bucket: handle.bucket, Key }), { abortSignal }),
    );
    return true;
  } catch (error) {
    if (isAppError(error) && error.code === "not_found") return true;
    if (isAppError(error) && error.key === "s3.right") return false;
    throw error;
  }
}

/** Rights that were tried. Where none could be tried (a handle for reading) those of writing are left out. */
function rightsOf(handle: S3Handle, mayList: boolean, mayGet: boolean, found: Findings | null): Right[] {
  const bucket = `arn:aws:s3:::${handle.bucket}`;
  const objects = `${bucket}/${bucketPrefix(handle.config.prefix, "*")}`;
  const right = (name: string, granted: boolean, costKey: string, resource: string): Right => ({
    name: `s3:${name}`,
    granted,
    costKey,
    grant: granted ? null : JSON.stringify({ Effect: "Allow", Action: `s3:${name}`, Resource: resource }),
  });
  const rights = [
    right("ListBucket", mayList, "s3List", bucket),
    right("GetObject", mayGet, "s3Get", objects),
  ];
  if (!found) return rights;
  rights.push(right("PutObject", found.mayPut, "s3Put", objects));
  rights.push(right("DeleteObject", found.mayDelete, "s3Delete", objects));
  if (found.mayAbort !== null) rights.push(right("AbortMultipartUpload", found.mayAbort, "s3Abort", objects));
  return rights;
}

const limit = (key: string, severity: Limit["severity"], details: Limit["details"] = {}): Limit => ({
  key,
  severity,
  details,
});

function conditionalLimits(found: Findings | null): Limit[] {
  if (found?.putRefuses === false) return [limit("s3NoCreateOnly", "warning")];
  if (found?.completeRefuses === false) return [limit("s3NoCreateOnlyParts", "warning")];
  return [];
}

/** Old versions keep their space; not every key may ask, and not every server knows. */
async function versioning(handle: S3Handle, signal: AbortSignal): Promise<Limit[]> {
  try {
    const found = await handle.call({ signal, what: handle.bucket }, (client, sdk, abortSignal) =>
      client.send(new sdk.GetBucketVersioningCommand({ Bucket: handle.bucket }), { abortSignal }),
    );
    return found.Status === "Enabled" ? [limit("s3Versioned", "info")] : [];
  } catch (error) {
    if (isAppError(error) && ["forbidden", "refused", "not_found", "internal"].includes(error.code))
      return [];
    throw error;
  }
}
