import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { freePort } from "@/lib/control/ports";
import { asUser, serverUser } from "@/lib/control/server-user";
import { testCluster } from "@/lib/control/testing";
import type { PostgresConfig } from "@/lib/stores/postgres/config";
import { postgresDriver } from "@/lib/stores/postgres/store";
import type { OpenOptions, Store } from "@/lib/stores/store";
import { absentServer, variable } from "@/lib/stores/testing-servers";

/** A server for tests, and a superuser's connections to it. */
export interface TestServer {
  name: string;
  config: PostgresConfig;
  stop(): void;
}

/** A database of its own on a test server. */
export interface TestDatabase {
  config: PostgresConfig;
  sql(text: string, params?: unknown[]): Promise<Record<string, string | null>[]>;
  open(access?: OpenOptions["access"], more?: Partial<OpenOptions & PostgresConfig>): Store;
  drop(): Promise<void>;
}

export const OTHER_MAJORS = ["14", "15", "16", "17"] as const;
const DEBIAN_BIN = "/usr/lib/postgresql/15/bin";

/** The PostgreSQL 18 that comes with the packages and that all tests share. */
export function bundledServer(): TestServer {
  const url = new URL(testCluster().adminUrl);
  return {
    name: "PostgreSQL 18",
    config: {
      host: url.hostname,
      port: Number(url.port),
      database: "postgres",
      user: decodeURIComponent(url.username),
      password: decodeURIComponent(url.password),
      ssl: "disable",
    },
    stop: () => undefined,
  };
}

/** A PostgreSQL beside the one that all tests share. */
export interface OtherServer {
  major: string;
  /** Folder of its programs; null when it is not here. */
  bin: string | null;
}

/** The versions the driver is tested against, as STRATA_TEST_POSTGRES_BINS (`14=/folder,16=/folder`) names them. */
export function otherServers(): OtherServer[] {
  const named = new Map(
    (variable("STRATA_TEST_POSTGRES_BINS") ?? "").split(",").flatMap((entry): [string, string][] => {
      const [major, bin] = entry.split("=");
      return major && bin ? [[major, bin]] : [];
    }),
  );
  if (!named.has("15") && existsSync(join(DEBIAN_BIN, "initdb"))) named.set("15", DEBIAN_BIN);
  return OTHER_MAJORS.map((major) => ({ major, bin: named.get(major) ?? null }));
}

/** Runs a suite on each of the versions; one that is absent is named, and fails where it is required. */
export function onOtherServers(
  majors: readonly string[],
  suite: (name: string, start: () => Promise<TestServer>) => void,
): void {
  for (const { major, bin } of otherServers()) {
    if (!majors.includes(major)) continue;
    if (bin) suite(`PostgreSQL ${major}`, () => startServer(bin));
    else absentServer(`postgresql-${major}`);
  }
}

/** Starts a server from its programs in a folder that goes when it stops. */
export async function startServer(bin: string): Promise<TestServer> {
  const dir = mkdtempSync(join(tmpdir(), "strata-pg-"));
  chmodSync(dir, 0o777);
  const data = join(dir, "data");
  const user = serverUser([bin, dir]);
  const run = (program: string, args: string[]) => {
    const { command, args: rest, options } = asUser(user, join(bin, program), args);
    const done = spawnSync(command, rest, {
      ...options,
      cwd: dir,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
    if (done.status !== 0)
      throw new Error(`${program}: ${done.stderr || done.stdout || done.error?.message}`);
    return done.stdout;
  };
  run("initdb", ["-D", data, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]);
  const port = await freePort(0);
  const settings = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off -c synchronous_commit=off -c max_prepared_transactions=10`;
  run("pg_ctl", ["-D", data, "-l", join(dir, "log"), "-w", "-o", settings, "start"]);
  return {
    name: run("postgres", ["--version"]).trim(),
    config: { host: "127.0.0.1", port, database: "postgres", user: "postgres", password: "", ssl: "disable" },
    stop: () => {
      run("pg_ctl", ["-D", data, "-m", "immediate", "-w", "stop"]);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

let counter = 0;

/** A fresh database. Drop it in afterAll; stores opened by it are closed then. */
export async function makeDatabase(
  server: TestServer,
  settings: Readonly<Record<string, string>> = {},
): Promise<TestDatabase> {
  const name = `strata_${process.pid}_${Date.now().toString(36)}_${counter++}`;
  await once(server.config, `CREATE DATABASE ${name} TEMPLATE template0`);
  for (const [setting, value] of Object.entries(settings))
    await once(server.config, `ALTER DATABASE ${name} SET ${setting} = '${value}'`);
  const database = givenDatabase({ ...server.config, database: name });
  return {
    ...database,
    drop: async () => {
      await database.drop();
      await once(server.config, `DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}

/** A database that is there already and stays: `drop` only closes what was opened. */
export function givenDatabase(config: PostgresConfig): TestDatabase {
  const pool = new pg.Pool({ ...config, ssl: false, max: 4, types: { getTypeParser: () => String } });
  pool.on("error", () => undefined);
  const stores: Store[] = [];
  return {
    config,
    sql: async (text, params) => (await pool.query<Record<string, string | null>>(text, params)).rows,
    open: (access = "write", more = {}) => {
      const options = { access, name: "strata test", timeoutMs: 20_000, connections: 4, ...more };
      const store = postgresDriver.open({ ...config, ...more }, options);
      stores.push(store);
      return store;
    },
    drop: async () => {
      await Promise.all(stores.map((store) => store.close()));
      await pool.end();
    },
  };
}

/**
 * One test file at a time has the shared primary and its standby: some stop the replay, others count on it. Call what
 * it returns in afterAll.
 */
export async function holdReplica(server: {
  host: string;
  port: number;
  user: string;
  password: string;
}): Promise<() => Promise<void>> {
  const { host, port, user, password } = server;
  const client = new pg.Client({ host, port, user, password, database: "postgres", ssl: false });
  await client.connect();
  await client.query("SELECT pg_advisory_lock(5163, 1)");
  return () => client.end();
}

/** Resolves when every standby has replayed what is on the primary's disk now. */
export async function standbysCaughtUp(database: TestDatabase): Promise<void> {
  const [end] = await database.sql("SELECT pg_current_wal_flush_lsn()::text AS lsn");
  for (;;) {
    const [row] = await database.sql(
      "SELECT bool_and(replay_lsn >= $1::pg_lsn)::text AS done FROM pg_stat_replication",
      [end?.lsn],
    );
    if (row?.done !== "false") return;
    await sleep(20);
  }
}

async function once(config: PostgresConfig, sql: string): Promise<void> {
  const client = new pg.Client({ ...config, ssl: false });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
