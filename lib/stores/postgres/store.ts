import type { Batch } from "@/lib/stores/batch";
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
import { readFigures } from "@/lib/stores/postgres/figures";
import { monthsOf } from "@/lib/stores/postgres/months";
import { moveRows } from "@/lib/stores/postgres/move";
import { runOptimize } from "@/lib/stores/postgres/optimize";
import { adviseOptimize } from "@/lib/stores/postgres/optimize-advice";
import { wholePartitions } from "@/lib/stores/postgres/partitions";
import { readQueryStats } from "@/lib/stores/postgres/query-stats";
import { findRows, readRows } from "@/lib/stores/postgres/read";
import { Replicas, type Source } from "@/lib/stores/postgres/replicas";
import { scopeRisks } from "@/lib/stores/postgres/risks";
import { searchRows } from "@/lib/stores/postgres/search";
import { Shapes, withScope } from "@/lib/stores/postgres/shapes";
import { createIndexSql } from "@/lib/stores/postgres/sql";
import { tableStats } from "@/lib/stores/postgres/stats";
import { listTables } from "@/lib/stores/postgres/tables";
import { nextWindow } from "@/lib/stores/postgres/window";
import en from "@/lib/stores/postgres/words/en.json";
import zh from "@/lib/stores/postgres/words/zh.json";
import { writeRows } from "@/lib/stores/postgres/write";
import type { RowAccess } from "@/lib/stores/rows";
import type { OpenOptions, Store, StoreDriver } from "@/lib/stores/store";

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
    { kind: "compressChunk", danger: false },
  ],
  parseUrl: parsePostgresUrl,
  open: openPostgres,
};

function openPostgres(config: PostgresConfig, options: OpenOptions): Store {
  const handle = new PgHandle(config, options);
  const shapes = new Shapes();
  const replicas = new Replicas({ handle, shapes }, config, options);
  return {
    check: (signal) => checkStore(handle, replicas, signal),
    tables: (signal) => handle.run({ signal }, listTables),
    stats: (table, time, signal) => handle.run({ signal }, (session) => tableStats(session, table, time)),
    close: async () => {
      await Promise.all([handle.close(), replicas.close()]);
    },
    figures: (signal) => readFigures(handle, replicas, signal),
    queryStats: (signal) => readQueryStats(handle, signal),
    optimize: {
      offers: (table, signal) => handle.run({ signal }, (session) => adviseOptimize(session, table)),
      run: (table, action, signal) => runOptimize(handle, table, action, signal),
    },
    rows: rowAccess(handle, shapes, replicas),
  };
}

/**
 * Heavy reads go to a replica. What writes, and what is read to write by it (windows, rows by key, counts before a
 * move), goes to the primary: whoever opened the store for writing looks at one server, save for the rows it exports,
 * which are compared with the primary before they are deleted.
 */
const rowAccess = (handle: PgHandle, shapes: Shapes, replicas: Replicas): RowAccess => {
  const primary = { handle, shapes };
  const read = <T>(signal: AbortSignal, work: (source: Source) => Promise<T>) =>
    handle.options.access === "write" ? work(primary) : replicas.read(signal, work);
  return {
    describe: (table, signal) => handle.run({ signal }, (session) => describeTable(session, table)),
    months: (scope, budgetMs, signal) =>
      read(signal, (from) => monthsOf(from.handle, from.shapes, scope, budgetMs, signal)),
    count: (scope, signal) => read(signal, (from) => countRows(from.handle, from.shapes, scope, signal)),
    window: (scope, after, maxRows, signal) =>
      read(signal, (from) =>
        withScope(from.handle, from.shapes, scope, { signal }, (session, found) =>
          nextWindow(session, found, after, maxRows),
        ),
      ),
    read: (scope, options, signal) =>
      replicas.stream<Batch>(signal, (from, last) =>
        readRows(from.handle, from.shapes, scope, { ...options, afterRow: last?.end }, signal),
      ),
    find: (member, keys, signal) =>
      read(signal, (from) => findRows(from.handle, from.shapes, member, keys, signal)),
    search: (query, signal) => read(signal, (from) => searchRows(from.handle, from.shapes, query, signal)),
    ...primaryAccess(handle, shapes),
  };
};

const primaryAccess = (handle: PgHandle, shapes: Shapes) =>
  ({
    write: (member, batch, signal) => writeRows(handle, shapes, member, batch, signal),
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
    risks: (scope, what, signal) =>
      withScope(handle, shapes, scope, { signal }, (session, found) => scopeRisks(session, found, what)),
    createIndexSql,
    explain: explainStatements,
  }) satisfies Partial<RowAccess>;
