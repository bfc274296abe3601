import pg from "pg";
import { expect } from "vitest";
import { type ConformanceSetup, storeConformance } from "@/lib/stores/conformance";
import type { RootRow, RowFixture } from "@/lib/stores/conformance-fixture";
import { identifier, textLiteral } from "@/lib/stores/logstore/literal";
import { logstoreDriver } from "@/lib/stores/logstore/store";
import { type TestProject, testProject } from "@/lib/stores/logstore/testing/project";
import { driverOf } from "@/lib/stores/registry";
import type { OpenOptions, Store } from "@/lib/stores/store";
import type { TimeUnit } from "@/lib/stores/table";
import { testServer } from "@/lib/stores/testing/servers";

type Sql = (text: string) => Promise<Record<string, string | null>[]>;

/** How instants are kept: as LogStore's text in ISO form, or as a whole number. */
interface Times {
  unit: TimeUnit;
  type: string;
  value(us: bigint): string;
}

const iso = (us: bigint): string => {
  const fraction = us % 1_000_000n;
  const seconds = new Date(Number(us / 1_000n)).toISOString().slice(0, 19);
  return fraction === 0n ? seconds : `${seconds}.${fraction.toString().padStart(6, "0")}`;
};
const AS_TEXT: Times = { unit: "timestamp", type: "text", value: (us) => textLiteral(iso(us)) };
const AS_NUMBER: Times = { unit: "us", type: "bigint", value: (us) => us.toString() };

/** The double stands for a project without 16 MB values: one log has at most 1 MB. */
const LARGEST = 600_000;

function fixture(sql: Sql, name: string, { unit, type, value }: Times): RowFixture {
  const table = identifier(name);
  let version = 1_700_000_000_000_000_000n;
  const versionOf = (id: string, at: string, text: string): string => {
    version += 1n;
    return `(${id}, ${at}, ${textLiteral(text)}, ${version})`;
  };
  /** What was written shows in queries after a moment. */
  const append = async (versions: readonly string[]) => {
    if (versions.length === 0) return;
    await sql(
      `INSERT INTO ${table} ("id", "created at", "文本", "log_version") VALUES ${versions.join(", ")}`,
    );
    const shows = async () =>
      (await sql(`SELECT "id" FROM ${table} WHERE "log_version" = ${version} LIMIT 1`)).length;
    await expect.poll(shows, { timeout: 15_000 }).toBe(1);
  };
  const insert = async (rows: readonly RootRow[]) => {
    // Each row was saved before, while it was running.
    await append(rows.map((row) => versionOf(row.id, value(row.atUs), "running")));
    await append(rows.map((row) => versionOf(row.id, value(row.atUs), row.text)));
  };
  return {
    columns: { id: "id", time: "created at", text: "文本" },
    maxValueBytes: LARGEST,
    reset: async () => {
      await sql(`DROP TABLE IF EXISTS ${table}`);
      await sql(
        `CREATE TABLE ${table} ("id" bigint, "created at" ${type}, "文本" text, "log_version" bigint)`,
      );
    },
    scope: () => ({
      members: [{ table: { schema: "public", name }, key: ["id"], columns: [], via: null }],
      time: { column: "created at", unit },
      fromUs: null,
      untilUs: null,
    }),
    targets: () => [],
    insert: (rows) => insert(rows),
    change: async (_, id) => {
      const [row] = await sql(`SELECT min("created at") AS at FROM ${table} WHERE "id" = ${id} LIMIT 1`);
      const at = unit === "us" ? (row?.at ?? "0") : textLiteral(row?.at ?? "");
      await append([versionOf(id, at, "changed")]);
    },
    addChild: () => Promise.reject(new Error("logstores have no children")),
    count: async () => {
      const [row] = await sql(`SELECT count(DISTINCT "id") AS count FROM ${table} LIMIT 1`);
      return Number(row?.count);
    },
    dropRoot: async () => {
      await sql(`DROP TABLE ${table}`);
    },
  };
}

function onDouble(times: Times) {
  return async (): Promise<ConformanceSetup> => {
    const project: TestProject = await testProject();
    return {
      open: (access) => project.open(access),
      openDead: () => project.open("read", { port: 1 }),
      rows: fixture((text) => project.sql(text), 'Odd "日志" %', times),
      stop: () => project.drop(),
    };
  };
}

storeConformance("The double of LogStore, time as text", driverOf(logstoreDriver.kind), onDouble(AS_TEXT));
storeConformance("The double of LogStore, time in µs", driverOf(logstoreDriver.kind), onDouble(AS_NUMBER));

/** A project of one's own, by STRATA_TEST_LOGSTORE_URL: logstores of these tests are made and dropped in it. */
const real = testServer("logstore");
if (real) {
  const server = real;
  storeConformance("LogStore", driverOf(logstoreDriver.kind), async () => {
    const fields = logstoreDriver.parseUrl?.(server.url) ?? {};
    const config = logstoreDriver.config.parse(fields);
    const stores: Store[] = [];
    const client = new pg.Client({ connectionString: server.url, ssl: { rejectUnauthorized: false } });
    await client.connect();
    return {
      open: (access) => open(access, {}),
      openDead: () => open("read", { port: 1 }),
      rows: fixture(async (text) => (await client.query(text)).rows, "strata_conformance", AS_TEXT),
      stop: async () => {
        await Promise.all(stores.map((store) => store.close()));
        await client.end();
      },
    };
    function open(access: OpenOptions["access"], more: { port?: number }): Store {
      const options = { access, name: "strata test", timeoutMs: 20_000, connections: 4 };
      const store = logstoreDriver.open({ ...config, ...more }, options);
      stores.push(store);
      return store;
    }
  });
}
