import { afterAll, beforeAll, expect, test } from "vitest";
import type { Batch } from "@/lib/stores/batch";
import { PgHandle, type RunOptions, type Session } from "@/lib/stores/postgres/client";
import { deleteRows } from "@/lib/stores/postgres/delete";
import { readRows } from "@/lib/stores/postgres/read";
import { xidTells } from "@/lib/stores/postgres/row-versions";
import { Shapes } from "@/lib/stores/postgres/shapes";
import { bundledServer, makeDatabase, type TestDatabase } from "@/lib/stores/postgres/testing";
import type { ExportedRows, FamilyMember, FamilyScope, RowAccess } from "@/lib/stores/rows";

const signal = () => AbortSignal.timeout(20_000);
const WRONG = new Uint8Array(16);
let database: TestDatabase;

beforeAll(async () => {
  database = await makeDatabase(bundledServer());
});
afterAll(() => database.drop());

const member = (name: string, via: FamilyMember["via"] = null): FamilyMember => ({
  table: { schema: "public", name },
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

function rowsOf(): RowAccess & Required<Pick<RowAccess, "deleteRows">> {
  const { rows } = database.open();
  if (!rows?.deleteRows) throw new Error("no rows");
  return { ...rows, deleteRows: rows.deleteRows };
}

async function read(scope: FamilyScope, at: number): Promise<Batch> {
  const size = { batchRows: 1_000, batchBytes: 1 << 20 };
  const slice = { after: null, upTo: null, digests: true, versions: true };
  for await (const batch of rowsOf().read(scope, { member: at, ...size, ...slice }, signal())) return batch;
  throw new Error("nothing read");
}

/** As exported, but for digests that fit no row: what is deleted all the same was told by its version. */
async function byVersionAlone(scope: FamilyScope): Promise<ExportedRows[]> {
  const parts: ExportedRows[] = [];
  for (const at of scope.members.keys()) {
    const { rowCount, vectors, versions } = await read(scope, at);
    const ids = vectors.find(({ name }) => name === "id")?.values ?? [];
    const digests = Array.from({ length: rowCount }, () => WRONG);
    parts.push({ member: at, keys: ids.map((id) => [String(id)]), digests, versions });
  }
  return parts;
}

const remove = async (scope: FamilyScope, parts: ExportedRows[]) => {
  const { deleted, kept } = await rowsOf().deleteRows(scope, parts, signal());
  return {
    deleted: deleted.map(({ rowCount }) => Number(rowCount)),
    kept: kept.map((row) => `${row.member}:${row.key}:${row.reason}`).sort(),
  };
};

/** A table of three old rows. The checkpoint makes their numbers older than what a crash could forget. */
async function table(name: string, columns = "note text"): Promise<FamilyScope> {
  await database.sql(`
    CREATE TABLE ${name} (id int PRIMARY KEY, at timestamptz NOT NULL DEFAULT now(), ${columns});
    INSERT INTO ${name} (id) SELECT n FROM generate_series(1, 3) n`);
  await database.sql("CHECKPOINT");
  return scopeOf(member(name));
}

test("rows are told by their version; one that was written since is not, one that was only locked is", async () => {
  const scope = await table("told");
  const parts = await byVersionAlone(scope);
  await database.sql("UPDATE told SET note = note WHERE id = 2");
  await database.sql("BEGIN; SELECT FROM told WHERE id = 3 FOR UPDATE; COMMIT");
  expect(await remove(scope, parts)).toEqual({ deleted: [2], kept: ["0:2:changed"] });
});

test("a row that was written since but is equal goes by its digest", async () => {
  const scope = await table("equal");
  const [part] = await byVersionAlone(scope);
  const { digests } = await read(scope, 0);
  await database.sql("UPDATE equal SET note = note WHERE id = 2");
  expect(await remove(scope, [{ ...part, member: 0, keys: part?.keys ?? [], digests }])).toEqual({
    deleted: [3],
    kept: [],
  });
});

test("versions outlive VACUUM FULL and freezing, and a row put in the place of another is not it", async () => {
  const scope = await table("vacuumed");
  const parts = await byVersionAlone(scope);
  await database.sql("DELETE FROM vacuumed WHERE id = 1");
  await database.sql("VACUUM (FULL, FREEZE) vacuumed");
  await database.sql("INSERT INTO vacuumed VALUES (1, now(), 'another')");
  expect(await remove(scope, parts)).toEqual({ deleted: [2], kept: ["0:1:changed"] });
});

test("children are told by their versions; a changed one keeps its family", async () => {
  await table("parents");
  await table("children", "parent int");
  await database.sql("UPDATE children SET parent = id");
  await database.sql("CHECKPOINT");
  const scope = scopeOf(
    member("parents"),
    member("children", { member: 0, column: "parent", parentColumn: "id" }),
  );
  const parts = await byVersionAlone(scope);
  await database.sql("UPDATE children SET at = at - interval '1 day' WHERE id = 3");
  expect(await remove(scope, parts)).toEqual({ deleted: [2, 2], kept: ["0:3:changed", "1:3:changed"] });
});

test.each([
  ["a column was added with a default", "ALTER TABLE ~ ADD COLUMN more text DEFAULT 'x'"],
  ["the table was rewritten", "ALTER TABLE ~ ALTER note TYPE varchar USING upper(note)"],
])("%s: digests decide", async (_, ddl) => {
  const name = `altered${ddl.length}`;
  const scope = await table(name);
  const parts = await byVersionAlone(scope);
  await database.sql(ddl.replace("~", name));
  expect((await remove(scope, parts)).deleted).toEqual([0]);
});

test("versions of another server, of another table or of half of the rows are not used", async () => {
  const scope = await table("foreigners");
  const [part] = await byVersionAlone(scope);
  if (!part?.versions) throw new Error("no versions");
  const { origin, rows } = part.versions;
  const odd = [
    { origin: `1${origin}`, rows },
    { origin: (await byVersionAlone(await table("others")))[0]?.versions?.origin ?? "", rows },
    { origin, rows: rows.slice(1) },
    { origin, rows: rows.map(() => "2") }, // frozen before 9.4
  ];
  for (const versions of odd)
    expect((await remove(scope, [{ ...part, versions }])).deleted, versions.origin).toEqual([0]);
  expect((await remove(scope, [part])).deleted).toEqual([3]);
});

test("tables whose content can change without a write have no versions", async () => {
  await database.sql("CREATE TYPE mood AS ENUM ('ok')");
  expect((await read(await table("moody", "mood mood DEFAULT 'ok'"), 0)).versions).toBeUndefined();
  const virtual = await table("virtual", "twice int GENERATED ALWAYS AS (id * 2)").catch(() => null);
  if (virtual) expect((await read(virtual, 0)).versions).toBeUndefined();
  await database.sql("CREATE TABLE elder (id int PRIMARY KEY, at timestamptz DEFAULT now())");
  await database.sql("CREATE TABLE heir () INHERITS (elder); INSERT INTO heir VALUES (1)");
  expect((await read(scopeOf(member("elder")), 0)).versions).toBeUndefined();
});

test("partitions have versions like a plain table", async () => {
  await database.sql(`
    CREATE TABLE parted (id int, at timestamptz DEFAULT now(), PRIMARY KEY (id)) PARTITION BY RANGE (id);
    CREATE TABLE parted_low PARTITION OF parted FOR VALUES FROM (1) TO (3);
    CREATE TABLE parted_high PARTITION OF parted FOR VALUES FROM (3) TO (9);
    INSERT INTO parted SELECT n FROM generate_series(1, 4) n`);
  await database.sql("CHECKPOINT");
  const scope = scopeOf(member("parted"));
  const parts = await byVersionAlone(scope);
  await database.sql("UPDATE parted SET at = now() WHERE id = 4");
  expect(await remove(scope, parts)).toEqual({ deleted: [3], kept: ["0:4:changed"] });
});

test("a partition that took the place of another is not the one that was exported", async () => {
  await database.sql(`
    CREATE TABLE swapped (id int PRIMARY KEY, at timestamptz DEFAULT now(), note text) PARTITION BY RANGE (id);
    CREATE TABLE swapped_a PARTITION OF swapped FOR VALUES FROM (1) TO (9);
    CREATE TABLE swapped_b (LIKE swapped INCLUDING ALL)`);
  // One transaction: the rows of both have one xmin.
  await database.sql(`
    INSERT INTO swapped SELECT n, now(), 'a' FROM generate_series(1, 3) n;
    INSERT INTO swapped_b SELECT n, now(), 'b' FROM generate_series(1, 3) n`);
  await database.sql("CHECKPOINT");
  const scope = scopeOf(member("swapped"));
  const parts = await byVersionAlone(scope);
  expect(parts[0]?.versions).toBeDefined();
  await database.sql(`
    ALTER TABLE swapped DETACH PARTITION swapped_a;
    ALTER TABLE swapped ATTACH PARTITION swapped_b FOR VALUES FROM (1) TO (9)`);
  expect((await remove(scope, parts)).deleted).toEqual([0]);
});

test("without a unique index on the key there are no versions: two rows may share key and transaction", async () => {
  await database.sql("CREATE TABLE twins (id int NOT NULL, at timestamptz NOT NULL, note text)");
  await database.sql("INSERT INTO twins VALUES (1, '2020-01-01', 'old'), (1, '2026-01-01', 'new')");
  await database.sql("CHECKPOINT");
  const scope = { ...scopeOf(member("twins")), untilUs: 1_600_000_000_000_000n };
  const { digests, versions } = await read(scope, 0);
  expect(versions).toBeUndefined();
  expect((await remove(scope, [{ member: 0, keys: [["1"]], digests }])).deleted).toEqual([0]);
});

/** Runs something right before the versions of a table are asked for. */
class Meddled extends PgHandle {
  constructor(private readonly before: () => Promise<unknown>) {
    super(database.config, { access: "write", name: "meddled", timeoutMs: 20_000, connections: 1 });
  }
  override stream<T>(options: { signal: AbortSignal }, work: (session: Session) => AsyncGenerator<T>) {
    return super.stream(options, (session) => work(this.meddled(session)));
  }
  override run<T>(options: RunOptions, work: (session: Session) => Promise<T>) {
    return super.run(options, (session) => work(this.meddled(session)));
  }
  private meddled({ client, query }: Session): Session {
    return {
      client,
      query: async (text, params) => {
        if (text.startsWith("\n  SELECT s.system_identifier")) await this.before();
        return query(text, params);
      },
    };
  }
}

test("a column that comes while an export begins is in what is read, or the rows have no versions", async () => {
  const scope = await table("widened");
  const handle = new Meddled(() =>
    database.sql("ALTER TABLE widened ADD COLUMN IF NOT EXISTS more text DEFAULT 'x'"),
  );
  const size = { batchRows: 1_000, batchBytes: 1 << 20 };
  const options = { ...size, member: 0, after: null, upTo: null, digests: true, versions: true };
  for await (const { vectors, versions, digests } of readRows(
    handle,
    new Shapes(),
    scope,
    options,
    signal(),
  )) {
    const keys = [["1"], ["2"], ["3"]];
    expect(vectors.map(({ name }) => name)).toContain("more");
    expect(
      (await remove(scope, [{ member: 0, keys, digests: keys.map(() => WRONG), versions }])).deleted,
    ).toEqual([0]);
    expect((await remove(scope, [{ member: 0, keys, digests, versions }])).deleted).toEqual([3]);
  }
  await handle.close();
});

test("rows of a table that begins to inherit while rows are compared are not taken for them", async () => {
  await database.sql(`
    CREATE TABLE elders (id int PRIMARY KEY, at timestamptz NOT NULL DEFAULT now(), note text);
    CREATE TABLE heirs (LIKE elders INCLUDING ALL)`);
  await database.sql(
    "INSERT INTO elders (id, note) VALUES (1, 'a'); INSERT INTO heirs (id, note) VALUES (1, 'b')",
  );
  await database.sql("CHECKPOINT");
  const scope = scopeOf(member("elders"));
  const parts = await byVersionAlone(scope);
  let done = false;
  const handle = new Meddled(async () => {
    if (done) return;
    done = true;
    await database.sql("DELETE FROM elders; ALTER TABLE heirs INHERIT elders");
  });
  const deletion = deleteRows(handle, new Shapes(), scope, parts, signal());
  await expect(deletion).rejects.toMatchObject({ code: "conflict", retryable: true });
  expect(await database.sql("SELECT note FROM heirs")).toEqual([{ note: "b" }]);
  await handle.close();
});

test("a number that a transaction since may have had again tells nothing", () => {
  const round = 2n ** 32n;
  const tells = xidTells(5_000n, 6_000n);
  expect([2, 3, 4_999, 5_000, 5_999, 6_000, 2 ** 30, 2 ** 31].map(tells)).toEqual([
    ...[false, true, true, false, false, false, false, true],
  ]);
  // The counter came round in between: 4,999 of an earlier round may be 4,999 of this one.
  expect(xidTells(round - 10n, round + 5_000n)(4_999)).toBe(false);
  expect(xidTells(round - 10n, round + 5_000n)(Number(round) - 11)).toBe(true);
  expect(xidTells(5_000n, 5_000n + 4n * 2n ** 30n)(4_999)).toBe(false);
  expect(xidTells(6_000n, 5_000n)(4_000)).toBe(false);
});
