import { z } from "zod";
import { isAppError, StoreError } from "@/lib/errors";
import { missing } from "@/lib/segments/local";
import type { Manifest } from "@/lib/segments/segment";
import type { ObjectAccess } from "@/lib/stores/store";

/** A manifest of a segment with very many row groups has a few MB; more is not one of ours. */
const MAX_JSON_BYTES = 64 << 20;

const us = z
  .string()
  .regex(/^-?\d+$/)
  .nullable();
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const size = z.number().int().nonnegative();

export const manifestSchema: z.ZodType<Manifest> = z.object({
  format: z.literal("strata-segment/1"),
  segmentId: z.string(),
  dataset: z.object({ name: z.string(), store: z.string(), schema: z.string(), table: z.string() }),
  month: z.string(),
  key: z.string(),
  rowCount: size,
  sizeBytes: size,
  sourceBytes: size,
  sha256,
  digest: z.string().regex(/^[0-9a-f]{32}$/),
  keyColumns: z.array(z.string()),
  time: z
    .object({ column: z.string(), unit: z.enum(["timestamp", "timestamptz", "date", "s", "ms", "us"]) })
    .nullable(),
  minTimeUs: us,
  maxTimeUs: us,
  columns: z.array(
    z.object({
      name: z.string(),
      physical: z.enum(["text", "bytes", "int64", "float64", "bool", "timestamp", "timestamptz", "date"]),
      sourceType: z.string(),
      nullable: z.boolean(),
    }),
  ),
  exact: z.boolean(),
  rowGroups: z.array(z.object({ rowCount: size, minTimeUs: us, maxTimeUs: us })),
  sidecar: z.object({ key: z.string(), sizeBytes: size, sha256, columns: z.array(z.string()) }).nullable(),
  window: z.object({ after: z.array(z.string()).nullable(), end: z.array(z.string()) }),
  operationId: z.string(),
  createdAt: z.string(),
  versions: z.object({ strata: z.string(), store: z.string() }),
});

export const manifestBytes = (manifest: Manifest): Uint8Array =>
  Buffer.from(`${JSON.stringify(manifest, null, 1)}\n`);

/** Throws not_found when it is missing, corrupt when it is not a manifest or not of the segment it stands by. */
export async function readManifest(
  objects: ObjectAccess,
  key: string,
  signal: AbortSignal,
): Promise<Manifest> {
  const manifest = await readJson(objects, key, manifestSchema, signal);
  if (manifest.key.replace(/\.parquet$/, ".manifest.json") !== key)
    throw notOurs(key, "it names another segment");
  return manifest;
}

/** A small JSON object of a store, parsed. Throws not_found or corrupt naming the key. */
export async function readJson<T>(
  objects: ObjectAccess,
  key: string,
  schema: z.ZodType<T>,
  signal: AbortSignal,
): Promise<T> {
  const text = await readText(objects, key, signal);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw notOurs(key, "it is not JSON", error);
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw notOurs(key, "fields are missing or wrong", parsed.error);
  return parsed.data;
}

async function readText(objects: ObjectAccess, key: string, signal: AbortSignal): Promise<string> {
  try {
    const chunks: Uint8Array[] = [];
    let sizeBytes = 0;
    for await (const chunk of await objects.get(key, null, signal)) {
      chunks.push(chunk as Uint8Array);
      sizeBytes += (chunk as Uint8Array).byteLength;
      if (sizeBytes > MAX_JSON_BYTES) throw notOurs(key, "it is far too large");
    }
    return Buffer.concat(chunks).toString("utf8");
  } catch (error) {
    throw isAppError(error) && error.code === "not_found" ? missing(key, error) : error;
  }
}

const notOurs = (key: string, why: string, cause?: unknown): StoreError =>
  new StoreError(
    "corrupt",
    `${key} cannot be used: ${why}. Its segment is left out and nothing is deleted on its account. Bring the file back from a backup.`,
    { details: { key, why }, key: "manifestCorrupt", cause },
  );
