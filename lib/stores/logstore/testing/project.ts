import pg from "pg";
import { testDatabase } from "@/lib/control/testing";
import type { LogstoreConfig } from "@/lib/stores/logstore/config";
import { logstoreDriver } from "@/lib/stores/logstore/store";
import {
  type DoubleOptions,
  type LogstoreDouble,
  startLogstoreDouble,
} from "@/lib/stores/logstore/testing/double";
import type { OpenOptions, Store } from "@/lib/stores/store";

export const WRITER = { user: "LTAI-writer", password: "s3cret'\\值" };
export const READER = { user: "LTAI-reader", password: "read", readOnly: true };

/** A project of the double, with the PostgreSQL behind it to look and to prepare. */
export interface TestProject {
  double: LogstoreDouble;
  config: LogstoreConfig;
  /** Right into the PostgreSQL behind the double: what the application would have written. */
  sql(text: string, params?: unknown[]): Promise<Record<string, string | null>[]>;
  open(access?: OpenOptions["access"], more?: Partial<OpenOptions & LogstoreConfig>): Store;
  drop(): Promise<void>;
}

/** Starts one of one's own. Drop it in afterAll; stores opened by it are closed then. */
export async function testProject(more: Partial<DoubleOptions> = {}): Promise<TestProject> {
  const database = await testDatabase();
  const double = await startLogstoreDouble({
    backendUrl: database.url,
    project: "dify-logs",
    accounts: [WRITER, READER],
    projectReadyAfterMs: 0,
    ...more,
  });
  const pool = new pg.Pool({
    connectionString: database.url,
    max: 2,
    types: { getTypeParser: () => String },
  });
  pool.on("error", () => undefined);
  const stores: Store[] = [];
  const config: LogstoreConfig = {
    host: double.host,
    port: double.port,
    project: "dify-logs",
    accessKeyId: WRITER.user,
    accessKeySecret: WRITER.password,
    ssl: more.tls ? "require" : "disable",
    ttlDays: 30,
  };
  return {
    double,
    config,
    sql: async (text, params) => (await pool.query<Record<string, string | null>>(text, params)).rows,
    open: (access = "write", changes = {}) => {
      const options = { access, name: "strata test", timeoutMs: 20_000, connections: 4, ...changes };
      const store = logstoreDriver.open({ ...config, ...changes }, options);
      stores.push(store);
      return store;
    },
    drop: async () => {
      await Promise.all(stores.map((store) => store.close()));
      await double.close();
      await pool.end();
      await database.drop();
    },
  };
}
