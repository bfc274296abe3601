import { checkStore } from "@/lib/stores/logstore/check";
import { LogHandle } from "@/lib/stores/logstore/client";
import {
  LOGSTORE_FIELDS,
  type LogstoreConfig,
  logstoreConfigSchema,
  parseLogstoreUrl,
} from "@/lib/stores/logstore/config";
import { cancelledError } from "@/lib/stores/logstore/errors";
import { explainStatements } from "@/lib/stores/logstore/explain";
import { readFigures } from "@/lib/stores/logstore/figures";
import { monthsOf } from "@/lib/stores/logstore/months";
import { countRows, findRows, nextWindow, readRows } from "@/lib/stores/logstore/read";
import { searchRows } from "@/lib/stores/logstore/search";
import { Shapes } from "@/lib/stores/logstore/shapes";
import { tableStats } from "@/lib/stores/logstore/stats";
import { listLogstores } from "@/lib/stores/logstore/tables";
import en from "@/lib/stores/logstore/words/en.json";
import zh from "@/lib/stores/logstore/words/zh.json";
import { writeRows } from "@/lib/stores/logstore/write";
import type { RowAccess } from "@/lib/stores/rows";
import type { OpenOptions, Store, StoreDriver } from "@/lib/stores/store";

/** Aliyun's LogStore (SLS) by its PostgreSQL protocol: append-only, simple queries, rows leave by their time to live. */
export const logstoreDriver: StoreDriver<LogstoreConfig> = {
  kind: "logstore",
  label: "Aliyun LogStore",
  family: "log",
  words: { en, zh },
  config: logstoreConfigSchema,
  fields: LOGSTORE_FIELDS,
  secrets: ["accessKeySecret"],
  abilities: ["rows"],
  traits: { digestsInStore: false, families: false, leavesBy: "expiry", maxBatchRows: 4_096 },
  optimizeActions: [],
  parseUrl: parseLogstoreUrl,
  open: openLogstore,
};

function openLogstore(config: LogstoreConfig, options: OpenOptions): Store {
  const handle = new LogHandle(config, options);
  const shapes = new Shapes(handle);
  return {
    check: (signal) => cancellable(signal, () => checkStore(handle, signal)),
    tables: (signal) => cancellable(signal, () => listLogstores(handle, signal)),
    stats: (table, time, signal) =>
      cancellable(signal, () => tableStats(handle, shapes, table, time, signal)),
    figures: (signal) => cancellable(signal, () => readFigures(handle, signal)),
    close: () => handle.close(),
    rows: rowAccess(handle, shapes),
  };
}

/** What was cancelled between two statements is told like what was cancelled inside of one. */
async function cancellable<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw signal.aborted ? cancelledError(error) : error;
  }
}

const rowAccess = (handle: LogHandle, shapes: Shapes): RowAccess => ({
  describe: (table, signal) => {
    shapes.forget();
    return shapes.shape(table, signal);
  },
  months: (scope, budgetMs, signal) => monthsOf(handle, shapes, scope, budgetMs, signal),
  count: (scope, signal) => countRows(handle, shapes, scope, signal),
  window: (scope, after, maxRows, signal) => nextWindow(handle, shapes, scope, after, maxRows, signal),
  read: (scope, options, signal) => readRows(handle, shapes, scope, options, signal),
  find: (member, keys, signal) => findRows(handle, shapes, member, keys, signal),
  write: (member, batch, signal) => writeRows(handle, shapes, member, batch, signal),
  search: (query, signal) => searchRows(handle, shapes, query, signal),
  explain: explainStatements,
});
