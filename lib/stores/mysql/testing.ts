import mysql from "mysql2/promise";
import type { MysqlConfig } from "@/lib/stores/mysql/config";
import { mysqlDriver } from "@/lib/stores/mysql/store";
import type { OpenOptions, Store } from "@/lib/stores/store";
import type { TestServer } from "@/lib/stores/testing/server-file";

/** A database of its own on a test server. */
export interface TestDatabase {
  config: MysqlConfig;
  /** Rows as text by name; several statements are sent one after the other. */
  sql(...statements: string[]): Promise<Record<string, string | null>[]>;
  open(access?: OpenOptions["access"], more?: Partial<OpenOptions & MysqlConfig>): Store;
  drop(): Promise<void>;
}

let counter = 0;

/** A fresh database. Drop it in afterAll; stores opened by it are closed then. */
export async function makeDatabase(server: TestServer, name?: string): Promise<TestDatabase> {
  const database = name ?? `strata_${process.pid}_${Date.now().toString(36)}_${counter++}`;
  const { host, port, user, password } = server;
  const connection = await mysql.createConnection({
    host,
    port,
    user,
    password,
    charset: "utf8mb4_general_ci",
    typeCast: (field) => field.string("utf8"),
  });
  const quoted = `\`${database.replaceAll("`", "``")}\``;
  await connection.query(`DROP DATABASE IF EXISTS ${quoted}`);
  await connection.query(`CREATE DATABASE ${quoted} CHARACTER SET utf8mb4`);
  await connection.query(`USE ${quoted}`);
  await connection.query("SET time_zone = '+00:00'");
  const config: MysqlConfig = { host, port, database, user, password, ssl: "prefer" };
  const stores: Store[] = [];
  return {
    config,
    sql: async (...statements) => {
      let rows: unknown = [];
      for (const statement of statements) [rows] = await connection.query(statement);
      return Array.isArray(rows) ? (rows as Record<string, string | null>[]) : [];
    },
    open: (access = "write", more = {}) => {
      const options = { access, name: "strata test", timeoutMs: 20_000, connections: 4, ...more };
      const store = mysqlDriver.open({ ...config, ...more }, options);
      stores.push(store);
      return store;
    },
    drop: async () => {
      await Promise.all(stores.map((store) => store.close()));
      await connection.query(`DROP DATABASE IF EXISTS ${quoted}`);
      await connection.end();
    },
  };
}
