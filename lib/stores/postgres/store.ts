import { planArchiveTable } from "@/lib/stores/postgres/archive-table";
import { checkStore } from "@/lib/stores/postgres/check";
import { PgHandle } from "@/lib/stores/postgres/client";
import {
  POSTGRES_FIELDS,
  type PostgresConfig,
  parsePostgresUrl,
  postgresConfigSchema,
} from "@/lib/stores/postgres/config";
import { countRows } from "@/lib/stores/postgres/count";
import { deleteRows } from "@/lib/stores/postgres/delete";
import { describeTable } from "@/lib/stores/postgres/describe";
import { explainStatements } from "@/lib/stores/postgres/explain";
import { monthsOf } from "@/lib/stores/postgres/months";
import { moveRows } from "@/lib/stores/postgres/move";
import { runOptimize } from "@/lib/stores/postgres/optimize";
import { adviseOptimize } from "@/lib/stores/postgres/optimize-advice";
import { wholePartitions } from "@/lib/stores/postgres/partitions";
import { readQueryStats } from "@/lib/stores/postgres/query-stats";
import { findRows, readRows } from "@/lib/stores/postgres/read";
import { searchRows } from "@/lib/stores/postgres/search";
import { Shapes, withScope } from "@/lib/stores/postgres/shapes";
import { tableStats } from "@/lib/stores/postgres/stats";
import { listTables } from "@/lib/stores/postgres/tables";
import { nextWindow } from "@/lib/stores/postgres/window";
import en from "@/lib/stores/postgres/words/en.json";
import zh from "@/lib/stores/postgres/words/zh.json";
import { writeRows } from "@/lib/stores/postgres/write";
import type { OpenOptions, RowAccess, Store, StoreDriver } from "@/lib/stores/store";

export const postgresDriver: StoreDriver<PostgresConfig> = {
  kind: "postgres",
  label: "PostgreSQL",
  family: "sql",
  words: { en, zh },
  config: postgresConfigSchema,
  fields: POSTGRES_FIELDS,
  secrets: ["password"],
  abilities: ["rows", "transactions", "moveRows", "deleteRows", "optimize", "queryStats", "partitions"],
  traits: {},
  optimizeActions: [
    { kind: "vacuumAnalyze", danger: false },
    { kind: "vacuum", danger: false },
    { kind: "analyze", danger: false },
    { kind: "reindex", danger: false },
    { kind: "vacuumFull", danger: true },
  ],
  parseUrl: parsePostgresUrl,
  open: openPostgres,
};

function openPostgres(config: PostgresConfig, options: OpenOptions): Store {
  const handle = new PgHandle(config, options);
  const shapes = new Shapes();
  return {
    check: (signal) => checkStore(handle, signal),
    tables: (signal) => handle.run({ signal }, listTables),
    stats: (table, time, signal) => handle.run({ signal }, (session) => tableStats(session, table, time)),
    close: () => handle.close(),
    queryStats: (signal) => readQueryStats(handle, signal),
    optimize: {
      offers: (table, signal) => handle.run({ signal }, (session) => adviseOptimize(session, table)),
      run: (table, action, signal) => runOptimize(handle, table, action, signal),
    },
    rows: rowAccess(handle, shapes),
  };
}

const rowAccess = (handle: PgHandle, shapes: Shapes): RowAccess => ({
  describe: (table, signal) => handle.run({ signal }, (session) => describeTable(session, table)),
  months: (scope, budgetMs, signal) => monthsOf(handle, shapes, scope, budgetMs, signal),
  count: (scope, signal) => countRows(handle, shapes, scope, signal),
  window: (scope, after, maxRows, signal) =>
    withScope(handle, shapes, scope, { signal }, (session, found) =>
      nextWindow(session, found, after, maxRows),
    ),
  read: (scope, options, signal) => readRows(handle, shapes, scope, options, signal),
  find: (member, keys, signal) => findRows(handle, shapes, member, keys, signal),
  write: (member, batch, signal) => writeRows(handle, shapes, member, batch, signal),
  search: (query, signal) => searchRows(handle, shapes, query, signal),
  deleteRows: (scope, parts, signal, stillOurs) =>
    deleteRows(handle, shapes, scope, parts, signal, stillOurs),
  moveRows: (scope, targets, options, signal) => moveRows(handle, shapes, scope, targets, options, signal),
  archiveTable: (member, target, signal) =>
    handle.run({ signal }, (session) => planArchiveTable(session, member, target, null)),
  execute: async (ddl, signal) => {
    // One transaction: a table with half of its parts would look finished to the next plan.
    await handle.run({ signal, transaction: "write" }, async (session) => {
      for (const statement of ddl) await session.query(statement);
    });
    shapes.forget();
  },
  partitions: (scope, signal) => withScope(handle, shapes, scope, { signal }, wholePartitions),
  explain: explainStatements,
});
