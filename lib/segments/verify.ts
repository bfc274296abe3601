import { dirname } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { isAppError } from "@/lib/errors";
import { CANONICAL_MACROS, positional, rowDigest } from "@/lib/segments/canonical";
import { inSandbox, literal } from "@/lib/segments/duckdb";
import { checkedCopy, checkSha256, corrupt, localCopy } from "@/lib/segments/local";
import { openParquet } from "@/lib/segments/parquet-reader";
import type { Manifest } from "@/lib/segments/segment";
import { type DigestSum, digestFromSums, digestHex } from "@/lib/stores/digest";
import type { ObjectAccess } from "@/lib/stores/store";

const LEAST_MB = 192;

/**
 * Reads a segment back from its store and proves it: bytes by size and SHA-256, then every row by a second,
 * independent reader that computes its digest anew from the Parquet values. Returns count and digest of the
 * rows. Throws not_found or corrupt naming the object.
 */
export async function verifySegment(
  objects: ObjectAccess,
  manifest: Manifest,
  signal: AbortSignal,
): Promise<DigestSum> {
  const local = objects.localPath(manifest.key) !== null;
  const copied = local
    ? localCopy(objects, manifest, signal)
    : checkedCopy(objects, manifest, "fresh", signal);
  const hashed = local ? checkSha256(objects, manifest, signal) : copied;
  const counted = copied.then((path) => recount(path, manifest, signal));
  const [bytes, rows] = await Promise.allSettled([hashed, counted]);
  if (bytes.status === "rejected") throw bytes.reason; // says more than a reader that stumbled over the damage
  if (rows.status === "rejected") {
    if (isAppError(rows.reason)) throw rows.reason;
    throw corrupt(manifest.key, "unreadable", rows.reason);
  }
  const { sum, different } = rows.value;
  const proved =
    different === 0n && sum.rowCount === BigInt(manifest.rowCount) && digestHex(sum) === manifest.digest;
  if (!proved) throw corrupt(manifest.key, "rowsDiffer");
  return sum;
}

async function recount(path: string, manifest: Manifest, signal: AbortSignal) {
  const options = { folders: [dirname(path)], memoryMb: await neededMb(path) };
  return inSandbox(options, signal, (connection) => countRows(connection, path, manifest));
}

/** A row group of ordinary rows fits the least; one value of 100 MB is held as page, value, text and digest input. */
async function neededMb(path: string): Promise<number> {
  const reader = await openParquet(path);
  await reader.close();
  return Math.max(LEAST_MB, 64 + Math.ceil((reader.largestGroupBytes * 6) / 2 ** 20));
}

/** One pass: rows, rows whose digest differs from the stored one, and the sum of the computed digests. */
async function countRows(
  connection: DuckDBConnection,
  path: string,
  manifest: Manifest,
): Promise<{ sum: DigestSum; different: bigint }> {
  await connection.run(CANONICAL_MACROS);
  const { columns, exact } = manifest;
  const reader = await connection.runAndReadAll(`
    WITH rows AS (
      SELECT ${rowDigest(columns, exact)} AS computed, lower(hex(digest)) AS stored
      FROM read_parquet(${literal(path)}, hive_partitioning = false) AS t(${positional(columns.length).join(", ")})
    )
    SELECT count(*)::BIGINT, count(*) FILTER (WHERE computed IS DISTINCT FROM stored)::BIGINT,
      coalesce(sum(('0x' || substr(computed, 1, 16))::UBIGINT), 0)::VARCHAR,
      coalesce(sum(('0x' || substr(computed, 17, 16))::UBIGINT), 0)::VARCHAR
    FROM rows`);
  const [rowCount, different, high, low] = reader.getRows()[0] ?? [];
  const sum = digestFromSums(BigInt(String(rowCount)), BigInt(String(high)), BigInt(String(low)));
  return { sum, different: BigInt(String(different)) };
}
