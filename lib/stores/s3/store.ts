import { checkStore } from "@/lib/stores/s3/check";
import { S3Handle } from "@/lib/stores/s3/client";
import { parseS3Url, S3_FIELDS, S3_SECRETS, type S3Config, s3ConfigSchema } from "@/lib/stores/s3/config";
import { storeFigures } from "@/lib/stores/s3/figures";
import { forgetInventory } from "@/lib/stores/s3/inventory";
import { optimizeAccess, readOnly, S3_ACTIONS } from "@/lib/stores/s3/optimize";
import { deleteObject, getObject, headObject, listObjects } from "@/lib/stores/s3/read";
import { tableStats } from "@/lib/stores/s3/stats";
import { listTables } from "@/lib/stores/s3/tables";
import en from "@/lib/stores/s3/words/en.json";
import zh from "@/lib/stores/s3/words/zh.json";
import { putObject } from "@/lib/stores/s3/write";
import type { ObjectAccess, OpenOptions, Store, StoreDriver } from "@/lib/stores/store";

/** A bucket of an object store that speaks the S3 API: AWS, MinIO, Aliyun OSS, versitygw and others. */
export const s3Driver: StoreDriver<S3Config> = {
  kind: "s3",
  label: "S3",
  family: "objects",
  words: { en, zh },
  config: s3ConfigSchema,
  fields: S3_FIELDS,
  secrets: S3_SECRETS,
  abilities: ["objects", "optimize"],
  traits: { rightsBy: "trying" },
  optimizeActions: S3_ACTIONS,
  parseUrl: parseS3Url,
  open,
};

function open(config: S3Config, options: OpenOptions): Store {
  const handle = new S3Handle(config, options);
  return {
    check: (signal) => checkStore(handle, signal),
    tables: (signal) => listTables(handle, signal),
    stats: (table, _time, signal) => tableStats(handle, table, signal),
    figures: (signal) => storeFigures(handle, signal),
    close: () => handle.close(),
    objects: objectAccess(handle),
    optimize: optimizeAccess(handle),
  };
}

function objectAccess(handle: S3Handle): ObjectAccess {
  const writable = () => {
    if (handle.options.access === "read") throw readOnly(handle);
  };
  return {
    put: async (key, body, signal) => {
      writable();
      const stored = await putObject(handle, key, body, signal);
      forgetInventory(handle);
      return stored;
    },
    get: (key, range, signal) => getObject(handle, key, range, signal),
    async head(key, signal) {
      const found = await headObject(handle, key, signal);
      return found && { key, sizeBytes: found.sizeBytes, modifiedAt: found.modifiedAt };
    },
    async *list(prefix, signal) {
      for await (const { key, sizeBytes, modifiedAt } of listObjects(handle, prefix, signal))
        yield { key, sizeBytes, modifiedAt };
    },
    delete: async (key, signal) => {
      writable();
      await deleteObject(handle, key, signal);
      forgetInventory(handle);
    },
    localPath: () => null,
  };
}
