import mysql from "mysql2/promise";
import { findServer } from "@/lib/stores/testing/server-file";
import { ACTOR } from "./app-database";
import { findDatasetId, ROLES } from "./bench-table";
import { openRig } from "./rig";
import { type Exchange, random, rowText } from "./texts";

const DATABASE = "strata_bench";
const ROW_BYTES = 2_000;
const MODELS = ["gpt-5-mini", "claude-haiku", "qwen-max", "deepseek-chat"];

/** A Strata with a worker, and a database of MariaDB as a store of it. */
export interface MariadbRig {
  connection: mysql.Connection;
  /** Address of the database. */
  url: string;
  rowCount: number;
  /** Makes a table and its archive, moves its rows by the given means, and checks that they moved: rows a second. */
  timed(name: string, move: (name: string) => Promise<void>): Promise<number>;
  /** Makes a table and puts it under management. */
  managed(name: string): Promise<string>;
  /** Drops a table and its archive. */
  forget(name: string): Promise<void>;
  close(): Promise<void>;
}

/** The server is that of `npm run servers`, or of STRATA_TEST_MARIADB_URL. */
export async function mariadbRig(rowCount: number, texts: readonly Exchange[]): Promise<MariadbRig> {
  const server = findServer("mariadb", (name) => process.env[name]);
  if (!server) throw new Error("MariaDB is not here: npm run servers -- --only mariadb");
  const { host, port, user, password } = server;
  const connection = await mysql.createConnection({
    host,
    port,
    user,
    password,
    charset: "utf8mb4_general_ci",
  });
  await connection.query(`DROP DATABASE IF EXISTS ${DATABASE}`);
  await connection.query(`CREATE DATABASE ${DATABASE} CHARACTER SET utf8mb4`);
  await connection.query(`USE ${DATABASE}`);
  await connection.query("SET time_zone = '+00:00'");
  const rig = await openRig();
  const { createStore } = await import("@/lib/services/stores/create");
  const { enableWrites } = await import("@/lib/services/stores/enable-writes");
  const config = { host, port, user, password, database: DATABASE, ssl: "disable" };
  const { storeId } = await createStore(ACTOR, { name: "mariadb", kind: "mysql", config });
  await enableWrites(ACTOR, { storeId, enabled: true });
  const make = (name: string) => makeTable(connection, name, rowCount, texts);
  const forget = async (name: string) => {
    await connection.query(`DROP TABLE IF EXISTS ${name}, ${name}_archive`);
  };
  const url = new URL(server.url);
  url.pathname = `/${DATABASE}`;
  return {
    connection,
    url: url.href,
    rowCount,
    forget,
    timed: async (name, move) => {
      await make(name);
      await connection.query(`CREATE TABLE ${name}_archive LIKE ${name}`);
      const started = performance.now();
      await move(name);
      const seconds = (performance.now() - started) / 1_000;
      const [rows] = await connection.query<mysql.RowDataPacket[]>(
        `SELECT COUNT(*) AS n FROM ${name}_archive`,
      );
      if (Number(rows[0]?.n) !== rowCount) throw new Error(`${rows[0]?.n} rows moved of ${rowCount}`);
      await forget(name);
      return rowCount / seconds;
    },
    managed: async (name) => {
      await make(name);
      await manage(storeId, name);
      return findDatasetId(name);
    },
    close: async () => {
      await rig.close();
      await connection.query(`DROP DATABASE ${DATABASE}`);
      await connection.end();
    },
  };
}

async function manage(storeId: string, tableName: string): Promise<void> {
  const { refreshStore } = await import("@/lib/services/stores/refresh");
  const { createDataset } = await import("@/lib/services/datasets/create");
  await refreshStore(ACTOR, { storeId });
  const roles = { ...ROLES, time: { column: "created_at", unit: "timestamp" as const } };
  await createDataset(ACTOR, { storeId, schemaName: DATABASE, tableName, name: tableName, roles });
}

/** The same conversations as for PostgreSQL: rows of about 2 KB over 12 months, primary key and time index. */
async function makeTable(
  connection: mysql.Connection,
  name: string,
  rowCount: number,
  texts: readonly Exchange[],
): Promise<void> {
  await connection.query(`DROP TABLE IF EXISTS ${name}, ${name}_archive`);
  await connection.query(`CREATE TABLE ${name} (id bigint PRIMARY KEY, username varchar(64) NOT NULL, model_name varchar(64) NOT NULL,
    total_tokens int, created_at datetime(3) NOT NULL, prompt longtext, answer longtext, KEY (created_at, id))`);
  const next = random(42);
  const end = Date.now() - 2 * 86_400_000;
  const start = end - 365 * 86_400_000;
  for (let from = 1; from <= rowCount; from += 500) {
    const rows = Array.from({ length: Math.min(500, rowCount - from + 1) }, (_, at) => {
      const id = from + at;
      const { prompt, answer } = plain(rowText(texts, next, ROW_BYTES));
      const day = new Date(start + ((end - start) * id) / rowCount)
        .toISOString()
        .slice(0, -1)
        .replace("T", " ");
      return [
        id,
        `user-${Math.floor(next() ** 2 * 500)}`,
        MODELS[id % MODELS.length],
        Math.floor(next() * 4_000),
        day,
        prompt,
        answer,
      ];
    });
    await connection.query(`INSERT INTO ${name} VALUES ?`, [rows]);
  }
  await connection.query(`ANALYZE TABLE ${name}`);
}

/** pt-archiver loads its file as UTF-8 of three bytes at most: without characters beyond all compare the same rows. */
const plain = ({ prompt, answer }: { prompt: string; answer: string }) => ({
  prompt: prompt.replace(/[\u{10000}-\u{10ffff}]/gu, ""),
  answer: answer.replace(/[\u{10000}-\u{10ffff}]/gu, ""),
});
