import { checkStore } from "@/lib/stores/mongodb/check";
import { MongoHandle } from "@/lib/stores/mongodb/client";
import { describeCollection } from "@/lib/stores/mongodb/collection";
import {
  MONGO_FIELDS,
  type MongoConfig,
  mongoConfigSchema,
  parseMongoUrl,
} from "@/lib/stores/mongodb/config";
import { deleteRows } from "@/lib/stores/mongodb/delete";
import { explainRequests } from "@/lib/stores/mongodb/explain";
import { OperationRates, storeFigures } from "@/lib/stores/mongodb/figures";
import { offersOf, runCompact } from "@/lib/stores/mongodb/optimize";
import { countRows, findRows, readRows } from "@/lib/stores/mongodb/read";
import { searchRows } from "@/lib/stores/mongodb/search";
import { collectionStats } from "@/lib/stores/mongodb/stats";
import { KnownFields, listCollections } from "@/lib/stores/mongodb/tables";
import { monthsOf, nextWindow } from "@/lib/stores/mongodb/window";
import en from "@/lib/stores/mongodb/words/en.json";
import zh from "@/lib/stores/mongodb/words/zh.json";
import { writeRows } from "@/lib/stores/mongodb/write";
import type { RowAccess } from "@/lib/stores/rows";
import type { OpenOptions, Store, StoreDriver } from "@/lib/stores/store";

export const mongodbDriver: StoreDriver<MongoConfig> = {
  kind: "mongodb",
  label: "MongoDB",
  family: "document",
  words: { en, zh },
  config: mongoConfigSchema,
  fields: MONGO_FIELDS,
  secrets: ["password"],
  abilities: ["rows", "deleteRows", "optimize"],
  traits: { timePrecisionUs: 1_000, maxBatchRows: 10_000, digestsInStore: false, families: false },
  optimizeActions: [{ kind: "compact", danger: true }],
  parseUrl: parseMongoUrl,
  open: openMongo,
};

function openMongo(config: MongoConfig, options: OpenOptions): Store {
  const handle = new MongoHandle(config, options);
  const known = new KnownFields();
  const rates = new OperationRates();
  return {
    check: (signal) => checkStore(handle, signal),
    tables: (signal) => listCollections(handle, known, signal),
    stats: (table, time, signal) => collectionStats(handle, table, time, signal),
    close: () => handle.close(),
    figures: (signal) => storeFigures(handle, rates, signal),
    optimize: {
      offers: (table, signal) => offersOf(handle, table, signal),
      run: (table, action, signal) => runCompact(handle, table, action, signal),
    },
    rows: rowAccess(handle),
  };
}

const rowAccess = (handle: MongoHandle): RowAccess => ({
  describe: (table, signal) => describeCollection(handle, table, { signal }),
  months: (scope, budgetMs, signal) => monthsOf(handle, scope, budgetMs, signal),
  count: (scope, signal) => countRows(handle, scope, signal),
  window: (scope, after, maxRows, signal) => nextWindow(handle, scope, after, maxRows, signal),
  read: (scope, options, signal) => readRows(handle, scope, options, signal),
  find: (member, keys, signal) => findRows(handle, member, keys, signal),
  write: (member, batch, signal) => writeRows(handle, member, batch, signal),
  search: (query, signal) => searchRows(handle, query, signal),
  deleteRows: (scope, parts, signal, stillOurs) => deleteRows(handle, scope, parts, signal, stillOurs),
  explain: explainRequests,
});
