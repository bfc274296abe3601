import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { READER, type TestProject, testProject, WRITER } from "@/lib/stores/logstore/testing/project";

/** The double is what the driver is tested against: here it is told what it must not let through. */
let project: TestProject;
let client: pg.Client;

const connect = async (account = WRITER, database = "dify-logs") => {
  const made = new pg.Client({
    ...{ host: project.double.host, port: project.double.port, database },
    ...{ user: account.user, password: account.password, ssl: false },
  });
  made.on("error", () => undefined);
  await made.connect();
  return made;
};

beforeAll(async () => {
  project = await testProject();
  client = await connect();
  await client.query(`CREATE TABLE logs (id text, n bigint, body text, log_version bigint)`);
});
afterAll(async () => {
  await client.end();
  await project.drop();
});

const code = (sql: string, on = client) =>
  on.query(sql).then(
    () => "done",
    (error: { code?: string }) => error.code,
  );

test("prepared statements are refused, and the connection goes on", async () => {
  await expect(client.query("SELECT $1::text", ["x"])).rejects.toMatchObject({ code: "0A000" });
  await expect(client.query({ name: "n", text: "SELECT 1" })).rejects.toMatchObject({ code: "0A000" });
  expect((await client.query("SELECT 1 AS one LIMIT 1")).rows).toEqual([{ one: 1 }]);
});

test("transactions are ignored: what is rolled back stays", async () => {
  for (const sql of ["BEGIN", "INSERT INTO logs (id, log_version) VALUES ('tx', 1)", "ROLLBACK"])
    expect(await code(sql)).toBe("done");
  expect((await client.query("SELECT id FROM logs WHERE id = 'tx' LIMIT 5")).rows).toHaveLength(1);
});

test.each([
  "UPDATE logs SET body = 'x'",
  "DELETE FROM logs",
  "TRUNCATE logs",
  "MERGE INTO logs USING logs b ON true WHEN MATCHED THEN DELETE",
  "COPY logs FROM STDIN",
  "VACUUM logs",
  "SET TimeZone = 'UTC'",
  "CREATE INDEX ON logs (id)",
  "CREATE VIEW v AS SELECT 1",
  "CREATE TABLE k (id text PRIMARY KEY)",
  "CREATE TABLE k (id text, n int DEFAULT 1)",
  "CREATE TABLE k (id text NOT NULL)",
  "CREATE TABLE k (id bigserial)",
  "CREATE TABLE k (id text REFERENCES logs)",
  "ALTER TABLE logs DROP COLUMN n",
  "INSERT INTO logs VALUES ('x', 1, 'b', 1)",
  "INSERT INTO logs (id) VALUES (DEFAULT)",
  "INSERT INTO logs (id) SELECT 'x'",
  "INSERT INTO logs (id) VALUES ('x') ON CONFLICT DO NOTHING",
  "INSERT INTO logs (id) VALUES ('x') RETURNING id",
  "WITH gone AS (DELETE FROM logs RETURNING *) SELECT * FROM gone LIMIT 1",
  "SELECT 1 INTO made",
])("%s is refused", async (sql) => {
  expect(await code(sql)).toBe("0A000");
});

test("several statements at once, and what is too large, are refused", async () => {
  expect(await code("SELECT 1 LIMIT 1; SELECT 2 LIMIT 1")).toBe("42601");
  expect(await code(`INSERT INTO logs (body) VALUES ('${"x".repeat(1_100_000)}')`)).toBe("54000");
  expect(await code("SELECT 'a;b' LIMIT 1;")).toBe("done");
});

test("fields can be added and logstores dropped", async () => {
  for (const sql of ["CREATE TABLE t2 (a text)", "ALTER TABLE t2 ADD COLUMN b bigint", "DROP TABLE t2"])
    expect(await code(sql)).toBe("done");
  expect(await code("SELECT * FROM t2 LIMIT 1")).toBe("42P01");
});

test("without LIMIT a query gives a hundred rows", async () => {
  await client.query("CREATE TABLE many (id text)");
  await project.sql("INSERT INTO many SELECT n::text FROM generate_series(1, 250) n");
  expect((await client.query("SELECT id FROM many")).rows).toHaveLength(100);
  expect((await client.query("SELECT id FROM (SELECT id FROM many LIMIT 240) x")).rows).toHaveLength(100);
  expect((await client.query("SELECT id FROM many LIMIT 200")).rows).toHaveLength(200);
});

test("without a scan index a logstore answers with an error, or as if it were empty", async () => {
  project.double.setScanIndex("many", "error");
  expect(await code("SELECT id FROM many LIMIT 1")).toBe("55000");
  expect(await code('SELECT x.id FROM logs l JOIN "many" x ON true LIMIT 1')).toBe("55000");
  project.double.setScanIndex("many", "empty");
  expect((await client.query("SELECT id FROM many LIMIT 1")).rows).toEqual([]);
  expect(await code("INSERT INTO many (id) VALUES ('x')")).toBe("done");
});

describe("who signs in", () => {
  test("is asked for a password", async () => {
    await expect(connect({ ...WRITER, password: "no" })).rejects.toMatchObject({ code: "28P01" });
    await expect(connect({ user: "nobody", password: "x" })).rejects.toMatchObject({ code: "28P01" });
    await expect(connect(WRITER, "elsewhere")).rejects.toMatchObject({ code: "3D000" });
  });

  test("with a read-only policy does not write", async () => {
    const reader = await connect(READER);
    expect(await code("SELECT 1 LIMIT 1", reader)).toBe("done");
    expect(await code("INSERT INTO logs (id) VALUES ('r')", reader)).toBe("42501");
    await reader.end();
  });

  test("to a project that is new has to wait", async () => {
    const fresh = await testProject({ projectReadyAfterMs: 300 });
    const ask = () => fresh.open("read").check(AbortSignal.timeout(5_000));
    await expect(ask()).rejects.toMatchObject({ code: "not_found", key: "logstore.project" });
    await expect
      .poll(
        () =>
          ask().then(
            ({ state }) => state,
            () => "no",
          ),
        { timeout: 5_000 },
      )
      .not.toBe("no");
    await fresh.drop();
  });
});
