import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundledServer, makeDatabase, type TestDatabase } from "@/lib/stores/postgres/testing";
import type { FamilyScope } from "@/lib/stores/rows";

let database: TestDatabase;
let other: pg.Client;

beforeAll(async () => {
  database = await makeDatabase(bundledServer());
  other = new pg.Client({ ...database.config, ssl: false });
  await other.connect();
});
afterAll(async () => {
  await other.end();
  await database.drop();
});

const SCOPE: FamilyScope = {
  members: [{ table: { schema: "public", name: "hot" }, key: ["id"], columns: [], via: null }],
  time: { column: "at", unit: "timestamptz" },
  fromUs: null,
  untilUs: null,
};

const ids = async (table: string): Promise<string[]> =>
  (await database.sql(`SELECT id::text FROM ${table} ORDER BY id`)).map(({ id }) => id ?? "");

test("a copy in the archive that somebody is deleting is no reason to drop the row that is hot", async () => {
  await database.sql(`
    CREATE TABLE hot (id int PRIMARY KEY, at timestamptz);
    INSERT INTO hot SELECT n, timestamptz '2026-01-01' + n * interval '1 day' FROM generate_series(1, 3) n;
    CREATE TABLE cellar (LIKE hot INCLUDING ALL);
    INSERT INTO cellar SELECT * FROM hot WHERE id <= 2`);
  const { rows } = database.open();
  if (!rows?.moveRows) throw new Error("no rows");
  await other.query("BEGIN");
  await other.query("DELETE FROM cellar WHERE id = 2");
  const options = { after: null, maxRows: 100, statementTimeoutMs: 10_000, lockTimeoutMs: 10_000 };
  const moving = rows.moveRows(
    SCOPE,
    [{ schema: "public", name: "cellar" }],
    options,
    AbortSignal.timeout(20_000),
  );
  const waits = async () => {
    const [row] = await database.sql(
      "SELECT count(*)::text AS n FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()",
    );
    return row?.n;
  };
  await expect.poll(waits, { timeout: 5_000, interval: 10 }).toBe("1");
  await other.query("COMMIT");
  expect((await moving).target[0]?.rowCount).toBe(3n);
  expect([await ids("hot"), await ids("cellar")]).toEqual([[], ["1", "2", "3"]]);
});
