import { planArchiveTable } from "@/lib/stores/mysql/archive-table";
import { checkStore } from "@/lib/stores/mysql/check";
import { MyHandle } from "@/lib/stores/mysql/client";
import { MYSQL_FIELDS, type MysqlConfig, mysqlConfigSchema, parseMysqlUrl } from "@/lib/stores/mysql/config";
import { countRows } from "@/lib/stores/mysql/count";
import { deleteRows } from "@/lib/stores/mysql/delete";
import { describeTable } from "@/lib/stores/mysql/describe";
import { explainStatements } from "@/lib/stores/mysql/explain";
import { readFigures } from "@/lib/stores/mysql/figures";
import { monthsOf } from "@/lib/stores/mysql/months";
import { moveRows } from "@/lib/stores/mysql/move";
import { adviseOptimize, OPTIMIZE_ACTIONS, runOptimize } from "@/lib/stores/mysql/optimize";
import { wholePartitions } from "@/lib/stores/mysql/partitions";
import { readQueryStats } from "@/lib/stores/mysql/query-stats";
import { findRows, readRows } from "@/lib/stores/mysql/read";
import { scopeRisks } from "@/lib/stores/mysql/risks";
import { searchRows } from "@/lib/stores/mysql/search";
import { Shapes, withScope } from "@/lib/stores/mysql/shapes";
import { createIndexSql } from "@/lib/stores/mysql/sql";
import { tableStats } from "@/lib/stores/mysql/stats";
import { listTables } from "@/lib/stores/mysql/tables";
import { nextWindow } from "@/lib/stores/mysql/window";
import en from "@/lib/stores/mysql/words/en.json";
import zh from "@/lib/stores/mysql/words/zh.json";
import { writeRows } from "@/lib/stores/mysql/write";
import type { RowAccess } from "@/lib/stores/rows";
import type { OpenOptions, Store, StoreDriver } from "@/lib/stores/store";

export const mysqlDriver: StoreDriver<MysqlConfig> = {
  kind: "mysql",
  label: "MySQL / MariaDB",
  family: "sql",
  words: { en, zh },
  config: mysqlConfigSchema,
  fields: MYSQL_FIELDS,
  secrets: ["password"],
  abilities: ["rows", "transactions", "moveRows", "deleteRows", "optimize", "queryStats", "partitions"],
  traits: {},
  optimizeActions: OPTIMIZE_ACTIONS,
  parseUrl: parseMysqlUrl,
  open: openMysql,
};

function openMysql(config: MysqlConfig, options: OpenOptions): Store {
  const handle = new MyHandle(config, options);
  const shapes = new Shapes();
  return {
    check: (signal) => checkStore(handle, signal),
    tables: (signal) => handle.run({ signal }, (session) => listTables(handle, session)),
    stats: (table, time, signal) => handle.run({ signal }, (session) => tableStats(session, table, time)),
    close: () => handle.close(),
    queryStats: (signal) => readQueryStats(handle, signal),
    figures: (signal) => readFigures(handle, signal),
    optimize: {
      offers: (table, signal) => handle.run({ signal }, (session) => adviseOptimize(session, table)),
      run: (table, action, signal) => runOptimize(handle, table, action, signal),
    },
    rows: rowAccess(handle, shapes),
  };
}

const rowAccess = (handle: MyHandle, shapes: Shapes): RowAccess => ({
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
    handle.run({ signal }, (session) => planArchiveTable(session, member, target)),
  execute: async (ddl, signal) => {
    // Each statement commits by itself, so each is whole by itself: see archive-table.ts.
    await handle.run({ signal, transaction: "none" }, async (session) => {
      for (const statement of ddl) await session.execute(statement);
    });
    shapes.forget();
  },
  partitions: (scope, signal) => withScope(handle, shapes, scope, { signal }, wholePartitions),
  risks: (scope, what, signal) =>
    withScope(handle, shapes, scope, { signal }, async (_, found) => scopeRisks(found, what)),
  createIndexSql,
  explain: explainStatements,
});
