import { checkStore } from "@/lib/stores/redis/check";
import { RedisHandle } from "@/lib/stores/redis/client";
import { parseRedisUrl, REDIS_FIELDS, type RedisConfig, redisConfigSchema } from "@/lib/stores/redis/config";
import { deleteRows } from "@/lib/stores/redis/delete";
import { describeStream } from "@/lib/stores/redis/describe";
import { explainCommands } from "@/lib/stores/redis/explain";
import { readFigures } from "@/lib/stores/redis/figures";
import { monthsOf } from "@/lib/stores/redis/months";
import { OPTIMIZE_ACTIONS, optimizeOffers, runOptimize } from "@/lib/stores/redis/optimize";
import { readQueryStats } from "@/lib/stores/redis/query-stats";
import { countRows, findRows, nextWindow, readRows } from "@/lib/stores/redis/read";
import { scopeRisks } from "@/lib/stores/redis/risks";
import { searchRows } from "@/lib/stores/redis/search";
import { tableStats } from "@/lib/stores/redis/stats";
import { listTables } from "@/lib/stores/redis/tables";
import en from "@/lib/stores/redis/words/en.json";
import zh from "@/lib/stores/redis/words/zh.json";
import { writeRows } from "@/lib/stores/redis/write";
import type { RowAccess } from "@/lib/stores/rows";
import type { OpenOptions, Store, StoreDriver } from "@/lib/stores/store";

export const redisDriver: StoreDriver<RedisConfig> = {
  kind: "redis",
  label: "Redis, Valkey",
  family: "keyValue",
  words: { en, zh },
  config: redisConfigSchema,
  fields: REDIS_FIELDS,
  secrets: ["password"],
  abilities: ["rows", "deleteRows", "optimize", "queryStats"],
  // Ids count milliseconds; a write is one transaction, which others wait for.
  traits: { timePrecisionUs: 1_000, maxBatchRows: 1_000, digestsInStore: false, families: false },
  optimizeActions: OPTIMIZE_ACTIONS,
  parseUrl: parseRedisUrl,
  open: openRedis,
};

function openRedis(config: RedisConfig, options: OpenOptions): Store {
  const handle = new RedisHandle(config, options);
  return {
    check: (signal) => checkStore(handle, signal),
    tables: (signal) => listTables(handle.session(signal)),
    stats: (table, _time, signal) => tableStats(handle.session(signal), table),
    close: () => handle.close(),
    figures: (signal) => readFigures(handle.session(signal)),
    queryStats: (signal) => readQueryStats(handle.session(signal)),
    optimize: {
      offers: (table, signal) => optimizeOffers(handle.session(signal), table),
      run: (table, action, signal) => runOptimize(handle, table, action, signal),
    },
    rows: rowAccess(handle),
  };
}

const rowAccess = (handle: RedisHandle): RowAccess => ({
  describe: (table, signal) => describeStream(handle.session(signal), table),
  months: (scope, budgetMs, signal) => monthsOf(handle, scope, budgetMs, signal),
  count: (scope, signal) => countRows(handle, scope, signal),
  window: (scope, after, maxRows, signal) => nextWindow(handle, scope, after, maxRows, signal),
  read: (scope, options, signal) => readRows(handle, scope, options, signal),
  find: (member, keys, signal) => findRows(handle, member, keys, signal),
  write: (member, batch, signal) => writeRows(handle, member, batch, signal),
  search: (query, signal) => searchRows(handle, query, signal),
  deleteRows: (scope, parts, signal, stillOurs) => deleteRows(handle, scope, parts, signal, stillOurs),
  risks: (scope, what, signal) => scopeRisks(handle, scope, what, signal),
  explain: explainCommands,
});
