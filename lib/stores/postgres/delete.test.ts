import { afterAll, beforeAll, expect, test } from "vitest";
import { bundledServer, makeDatabase, type TestDatabase } from "@/lib/stores/postgres/testing";
import type { ExportedRows, FamilyMember, FamilyScope, RowAccess } from "@/lib/stores/rows";

const signal = () => AbortSignal.timeout(20_000);
let database: TestDatabase;

beforeAll(async () => {
  database = await makeDatabase(bundledServer());
});
afterAll(() => database.drop());

const ref = (name: string) => ({ schema: "public", name });
const member = (name: string, via: FamilyMember["via"] = null): FamilyMember => ({
  table: ref(name),
  key: ["id"],
  columns: [],
  via,
});
const scopeOf = (...members: FamilyMember[]): FamilyScope => ({
  members,
  time: { column: "at", unit: "timestamptz" },
  fromUs: null,
  untilUs: null,
});

function rowsOf(): RowAccess & Required<Pick<RowAccess, "deleteRows" | "moveRows">> {
  const { rows } = database.open();
  if (!rows?.deleteRows || !rows.moveRows) throw new Error("no rows");
  return { ...rows, deleteRows: rows.deleteRows, moveRows: rows.moveRows };
}

async function exported(scope: FamilyScope): Promise<ExportedRows[]> {
  const parts: ExportedRows[] = [];
  for (const [at, one] of scope.members.entries()) {
    const ids = await database.sql(`SELECT id::text FROM ${one.table.name} ORDER BY id`);
    const keys = ids.map(({ id }) => [id ?? ""]);
    const { digests } = await rowsOf().find(one, keys, signal());
    parts.push({ member: at, keys, digests });
  }
  return parts;
}

test("rows whose deletion is being committed are gone, not held by somebody", async () => {
  await database.sql(`
    CREATE TABLE slow (id int PRIMARY KEY, at timestamptz); INSERT INTO slow SELECT n, now() FROM generate_series(1, 3) n;
    CREATE FUNCTION nap() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.5); RETURN NULL; END $$;
    CREATE CONSTRAINT TRIGGER nap AFTER DELETE ON slow DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.id = 1) EXECUTE FUNCTION nap()`);
  const scope = scopeOf(member("slow"));
  const parts = await exported(scope);
  const first = rowsOf().deleteRows(scope, parts, signal());
  const committing = async () => {
    const [row] = await database.sql(
      "SELECT count(*)::text AS n FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()",
    );
    return row?.n;
  };
  await expect.poll(committing, { timeout: 5_000, interval: 10 }).toBe("1");
  const second = await rowsOf().deleteRows(scope, parts, signal());
  expect((await first).deleted[0]?.rowCount).toBe(3n);
  expect(second.kept).toEqual([]);
  expect(second.deleted[0]?.rowCount).toBe(0n);
});

test("who may not delete any more deletes nothing, and is told by its own error", async () => {
  await database.sql(
    "CREATE TABLE fenced (id int PRIMARY KEY, at timestamptz); INSERT INTO fenced VALUES (1, now())",
  );
  const scope = scopeOf(member("fenced"));
  const lost = new TypeError("lost");
  const deletion = rowsOf().deleteRows(scope, await exported(scope), signal(), () => Promise.reject(lost));
  await expect(deletion).rejects.toBe(lost);
  expect(await database.sql("SELECT id::text FROM fenced")).toEqual([{ id: "1" }]);
});

test("a row that hangs on two roots, of which one stays, stays as well", async () => {
  await database.sql(`
    CREATE TABLE talks (id int PRIMARY KEY, session int, at timestamptz);
    CREATE TABLE turns (id int PRIMARY KEY, session int, talk int);
    INSERT INTO talks VALUES (1, 7, now()), (2, 7, now()); INSERT INTO turns VALUES (10, 7)`);
  const scope = scopeOf(
    member("talks"),
    member("turns", { member: 0, column: "session", parentColumn: "session" }),
    member("words", { member: 0, column: "talk", parentColumn: "id" }),
  );
  await database.sql("CREATE TABLE words (id int PRIMARY KEY, talk int); INSERT INTO words VALUES (20, 1)");
  const parts = await exported(scope);
  await database.sql("UPDATE words SET talk = 1, id = 21"); // a new row hangs on the first
  const { deleted, kept } = await rowsOf().deleteRows(scope, parts, signal());
  expect(kept.filter((row) => row.member === 1).map((row) => row.key)).toEqual([["10"]]);
  expect(deleted[1]?.rowCount).toBe(0n);
  expect(await database.sql("SELECT id::text FROM turns")).toEqual([{ id: "10" }]);
});

test("a cascade to newer rows of the same table is refused before anything happens", async () => {
  await database.sql(`
    CREATE TABLE replies (id int PRIMARY KEY, at timestamptz, parent int REFERENCES replies ON DELETE CASCADE);
    CREATE TABLE replies_archive (LIKE replies);
    INSERT INTO replies VALUES (1, '2025-01-01', NULL), (2, '2026-01-01', 1)`);
  const scope = { ...scopeOf(member("replies")), untilUs: BigInt(Date.parse("2025-06-01")) * 1_000n };
  const refused = { code: "refused", key: "postgres.cascadeInside", details: { column: "parent" } };
  const move = { after: null, maxRows: 10, statementTimeoutMs: 5_000, lockTimeoutMs: 500 };
  const moved = rowsOf().moveRows(scope, [ref("replies_archive")], move, signal());
  await expect(moved).rejects.toMatchObject(refused);
  const [part] = await exported(scope);
  const old = { member: 0, keys: part?.keys.slice(0, 1) ?? [], digests: part?.digests.slice(0, 1) ?? [] };
  await expect(rowsOf().deleteRows(scope, [old], signal())).rejects.toMatchObject(refused);
  expect(await database.sql("SELECT id::text FROM replies ORDER BY 1")).toEqual([{ id: "1" }, { id: "2" }]);
});

test("a cascade along the family's own link is allowed", async () => {
  await database.sql(`
    CREATE TABLE jobs (id int PRIMARY KEY, at timestamptz); INSERT INTO jobs VALUES (1, now());
    CREATE TABLE tasks (id int PRIMARY KEY, job int REFERENCES jobs ON DELETE CASCADE); INSERT INTO tasks VALUES (10, 1)`);
  const scope = scopeOf(member("jobs"), member("tasks", { member: 0, column: "job", parentColumn: "id" }));
  const { deleted } = await rowsOf().deleteRows(scope, await exported(scope), signal());
  expect(deleted.map((sum) => sum.rowCount)).toEqual([1n, 1n]);
});

test("a table with heirs that have columns of their own is refused", async () => {
  await database.sql(`
    CREATE TABLE elders (id int PRIMARY KEY, at timestamptz); CREATE TABLE elders_archive (LIKE elders);
    CREATE TABLE heirs (secret text) INHERITS (elders); INSERT INTO heirs VALUES (1, now(), 'precious')`);
  const scope = scopeOf(member("elders"));
  const move = { after: null, maxRows: 10, statementTimeoutMs: 5_000, lockTimeoutMs: 500 };
  const refused = { code: "refused", details: { heir: "public.heirs", column: "secret" } };
  await expect(rowsOf().moveRows(scope, [ref("elders_archive")], move, signal())).rejects.toMatchObject(
    refused,
  );
  const parts = await exported(scope);
  await expect(rowsOf().deleteRows(scope, parts, signal())).rejects.toMatchObject(refused);
  expect(await database.sql("SELECT secret FROM heirs")).toEqual([{ secret: "precious" }]);
});

test("a key that may be NULL is refused: its rows would look gone and stay", async () => {
  await database.sql(
    "CREATE TABLE loose (id int PRIMARY KEY, at timestamptz, part text); INSERT INTO loose VALUES (1, now(), NULL)",
  );
  const scope = scopeOf({ ...member("loose"), key: ["id", "part"] });
  const parts = [{ member: 0, keys: [["1", ""]], digests: [new Uint8Array(16)] }];
  await expect(rowsOf().deleteRows(scope, parts, signal())).rejects.toMatchObject({
    code: "refused",
    details: { column: "part" },
  });
});
