import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundledServer, makeDatabase, type TestDatabase } from "@/lib/stores/postgres/testing";
import type { FamilyMember, FamilyScope, RowAccess, RowQuery } from "@/lib/stores/rows";
import type { Store } from "@/lib/stores/store";
import type { TimeUnit } from "@/lib/stores/table";

const signal = () => AbortSignal.timeout(20_000);
let database: TestDatabase;
let store: Store;
let rows: RowAccess;

beforeAll(async () => {
  database = await makeDatabase(bundledServer());
  store = database.open();
  if (!store.rows) throw new Error("no rows");
  rows = store.rows;
});
afterAll(() => database.drop());

const ref = (name: string) => ({ schema: "public", name });
const member = (name: string, key: string[] = ["id"]): FamilyMember => ({
  table: ref(name),
  key,
  columns: [],
  via: null,
});
const scopeOf = (root: FamilyMember, column = "at", unit: TimeUnit = "timestamptz"): FamilyScope => ({
  members: [root],
  time: { column, unit },
  fromUs: null,
  untilUs: null,
});
const move = { after: null, maxRows: 1_000, statementTimeoutMs: 10_000, lockTimeoutMs: 1_000 };

async function readIds(scope: FamilyScope): Promise<string[]> {
  const ids: string[] = [];
  const options = { member: 0, after: null, upTo: null, batchRows: 10, batchBytes: 1 << 20, digests: true };
  for await (const batch of rows.read(scope, options, signal())) {
    const vector = batch.vectors[0];
    ids.push(...(vector?.values.map(String) ?? []));
  }
  return ids;
}

describe("odd tables", () => {
  test("a table without key is read by place and never written or moved", async () => {
    await database.sql(
      "CREATE TABLE keyless (n int, at timestamptz, body text); INSERT INTO keyless SELECT n, now(), 'needle' FROM generate_series(1, 25) n",
    );
    expect((await rows.describe(ref("keyless"), signal())).key).toBeNull();
    const scope = scopeOf(member("keyless", []));
    expect((await readIds(scope)).sort((a, b) => Number(a) - Number(b))).toHaveLength(25);
    await expect(rows.moveRows?.(scope, [ref("keyless")], move, signal())).rejects.toMatchObject({
      code: "refused",
    });
    const page = await rows.search({ ...query("keyless"), key: [], limit: 10 }, signal());
    const next = await rows.search({ ...query("keyless"), key: [], limit: 20, after: page.next }, signal());
    expect(new Set([...page.rows, ...next.rows].map((row) => row.key[0])).size).toBe(25);
    const found = await rows.find(
      member("keyless", []),
      page.rows.map((row) => row.key),
      signal(),
    );
    expect(found.rowCount).toBe(10);
  });

  test("a composite key with its time in it", async () => {
    await database.sql(
      "CREATE TABLE composite (tenant text, at timestamp, n int, body text, PRIMARY KEY (tenant, at, n)); INSERT INTO composite SELECT 't' || n % 3, timestamp '2025-01-01' + n / 4 * interval '1 day', n, 'b' FROM generate_series(1, 40) n",
    );
    const { key } = await rows.describe(ref("composite"), signal());
    expect(key).toEqual(["tenant", "at", "n"]);
    const scope = scopeOf(member("composite", [...(key ?? [])]), "at", "timestamp");
    const window = await rows.window(scope, null, 7, signal());
    expect(window?.rowCount).toBe(7);
    const rest = await rows.window(scope, window?.end ?? null, 100, signal());
    expect(rest?.rowCount).toBe(33);
    const plan = await rows.archiveTable?.(
      scope.members[0] ?? member("composite"),
      ref("composite_archive"),
      signal(),
    );
    await rows.execute?.(plan?.ddl ?? [], signal());
    const result = await rows.moveRows?.(scope, [ref("composite_archive")], move, signal());
    expect(result?.target[0]?.rowCount).toBe(40n);
  });

  test("a unique index over not-null columns is a key, one over nullable columns is not", async () => {
    await database.sql(
      "CREATE TABLE uniq (a int, b int NOT NULL, c int NOT NULL, UNIQUE (a)); CREATE UNIQUE INDEX ON uniq (b, c)",
    );
    expect((await rows.describe(ref("uniq"), signal())).key).toEqual(["b", "c"]);
  });

  test("a partitioned table is read, moved, and its whole partitions are found", async () => {
    await database.sql(`
      CREATE TABLE parts (id bigint, at timestamptz, body text, PRIMARY KEY (at, id)) PARTITION BY RANGE (at);
      CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM ('2025-01-01') TO ('2025-02-01');
      CREATE TABLE parts_2 PARTITION OF parts FOR VALUES FROM ('2025-02-01') TO ('2025-03-01');
      CREATE TABLE parts_rest PARTITION OF parts DEFAULT;
      INSERT INTO parts SELECT n, '2025-01-01'::timestamptz + n * interval '1 day', 'x' FROM generate_series(0, 80) n; ANALYZE parts`);
    const shape = await rows.describe(ref("parts"), signal());
    expect(shape.kind).toBe("partitioned");
    const scope = {
      ...scopeOf(member("parts", ["at", "id"])),
      untilUs: BigInt(Date.UTC(2025, 1, 20)) * 1_000n,
    };
    expect(await rows.partitions?.(scope, signal())).toMatchObject([
      { ref: { name: "parts_1" }, fromUs: BigInt(Date.UTC(2025, 0, 1)) * 1_000n, rowCount: 31 },
    ]);
    const summary = (await store.tables(signal())).filter((table) => table.ref.name.startsWith("parts"));
    expect(summary).toMatchObject([{ kind: "partitioned", rowCount: 81 }]);
    const plan = await rows.archiveTable?.(
      scope.members[0] ?? member("parts"),
      ref("parts_archive"),
      signal(),
    );
    await rows.execute?.(plan?.ddl ?? [], signal());
    expect((await rows.moveRows?.(scope, [ref("parts_archive")], move, signal()))?.source[0]?.rowCount).toBe(
      50n,
    );
    expect((await store.stats(ref("parts"), scope.time, signal())).totalBytes).toBeGreaterThan(0);
  });

  test("a view is listed and searched, and takes no archive", async () => {
    await database.sql(
      "CREATE TABLE base (id int PRIMARY KEY, at timestamptz, body text); INSERT INTO base SELECT n, now(), 'needle ' || n FROM generate_series(1, 4) n; CREATE VIEW seen AS SELECT * FROM base",
    );
    expect((await rows.describe(ref("seen"), signal())).kind).toBe("view");
    expect((await store.tables(signal())).find((table) => table.ref.name === "seen")?.rowCount).toBeNull();
    expect((await rows.search({ ...query("seen"), key: ["id"] }, signal())).rows).toHaveLength(4);
  });

  test("rows at no time and at infinity are in no scope", async () => {
    await database.sql(
      "CREATE TABLE timeless (id int PRIMARY KEY, at timestamptz, body text); INSERT INTO timeless VALUES (1, NULL, ''), (2, 'infinity', ''), (3, '-infinity', ''), (4, now(), ''); ANALYZE timeless",
    );
    expect(await readIds(scopeOf(member("timeless")))).toEqual(["4"]);
    const { notes } = await store.stats(ref("timeless"), { column: "at", unit: "timestamptz" }, signal());
    expect(notes.join()).toContain("1 rows have no at");
  });

  test.each([
    ["date", "date", "n::date"],
    ["s", "int", "extract(epoch FROM n)::int"],
    ["ms", "bigint", "(extract(epoch FROM n) * 1000)::bigint"],
  ] as const)("time in the unit %s is bounded half-open", async (unit, type, value) => {
    await database.sql(
      `DROP TABLE IF EXISTS units; CREATE TABLE units (id serial PRIMARY KEY, at ${type}, body text); INSERT INTO units (at) SELECT ${value} FROM generate_series(timestamp '2025-01-30', '2025-02-03', interval '1 day') n`,
    );
    const scope = scopeOf(member("units"), "at", unit);
    const day = (date: number) => BigInt(Date.UTC(2025, 0, date)) * 1_000n;
    expect(await readIds({ ...scope, fromUs: day(31), untilUs: day(33) })).toEqual(["2", "3"]);
    // One microsecond later, the same day's row is before the range.
    expect(await readIds({ ...scope, fromUs: day(31) + 1n, untilUs: day(33) + 1n })).toEqual(["3", "4"]);
    expect((await rows.months(scope, 5_000, signal())).members[0]).toMatchObject([
      { month: "2025-01", rowCount: 2 },
      { month: "2025-02", rowCount: 3 },
    ]);
    expect((await rows.window(scope, null, 100, signal()))?.month).toBe("2025-01");
  });

  test("a value of 40 MB is read, written and found", async () => {
    await database.sql(
      "CREATE TABLE large (id int PRIMARY KEY, at timestamptz, body text); INSERT INTO large VALUES (1, now(), repeat('0123456789', 4000000) || 'needle' || repeat('y', 100)), (2, now(), 'b'); CREATE TABLE large2 (LIKE large INCLUDING ALL)",
    );
    const options = { member: 0, after: null, upTo: null, batchRows: 10, batchBytes: 1 << 20, digests: true };
    for await (const batch of rows.read(scopeOf(member("large")), options, signal())) {
      await rows.write(member("large2"), batch, signal());
    }
    const [one] = await rows.count(scopeOf(member("large")), signal());
    expect((await rows.count(scopeOf(member("large2")), signal()))[0]).toEqual(one);
    const page = await rows.search({ ...query("large2"), snippetChars: 60 }, signal());
    expect(page.rows[0]?.values.body).toHaveLength(60);
    expect(page.rows[0]?.values.body).toContain("needle");
  });
});

describe("archive tables", () => {
  test("a new one has types and NOT NULL, and nothing that depends on the hot table", async () => {
    await database.sql(
      "CREATE TABLE hot (id bigserial PRIMARY KEY, at timestamptz NOT NULL DEFAULT now(), price numeric(10,2) DEFAULT 1, twice int GENERATED ALWAYS AS (2) STORED, who int GENERATED BY DEFAULT AS IDENTITY)",
    );
    const plan = await rows.archiveTable?.(member("hot"), ref("hot_archive"), signal());
    expect(plan?.exists).toBe(false);
    await rows.execute?.(plan?.ddl ?? [], signal());
    await database.sql("DROP SEQUENCE hot_id_seq CASCADE");
    const shape = await rows.describe(ref("hot_archive"), signal());
    expect(
      shape.columns.map(({ default: value, generated, nullable, type }) => [
        value,
        generated,
        nullable,
        type,
      ]),
    ).toEqual([
      [null, "no", false, "bigint"],
      [null, "no", false, "timestamp with time zone"],
      [null, "no", true, "numeric(10,2)"],
      [null, "no", true, "integer"],
      [null, "no", false, "integer"],
    ]);
    expect(shape.key).toEqual(["id"]);
  });

  test("drift is told with the statements that mend it", async () => {
    await database.sql(
      "CREATE TABLE grown (id bigint PRIMARY KEY, at timestamptz, name varchar(50), note text, n bigint); CREATE TABLE grown_archive (id bigint, at timestamptz, name varchar(20), n integer NOT NULL)",
    );
    const plan = await rows.archiveTable?.(member("grown"), ref("grown_archive"), signal());
    expect(plan?.drift).toHaveLength(5);
    expect(plan?.ddl.join("\n")).toContain('ADD COLUMN "note" text');
    await rows.execute?.(plan?.ddl ?? [], signal());
    expect(await rows.archiveTable?.(member("grown"), ref("grown_archive"), signal())).toEqual({
      exists: true,
      ddl: [],
      drift: [],
    });
  });
});

describe("what hangs on a table", () => {
  test("a foreign key from outside stops the move, and is named", async () => {
    await database.sql(
      "CREATE TABLE parent (id int PRIMARY KEY, at timestamptz, body text); CREATE TABLE guest (id int PRIMARY KEY, parent_id int REFERENCES parent); INSERT INTO parent SELECT n, now() FROM generate_series(1, 3) n; INSERT INTO guest VALUES (1, 2)",
    );
    const plan = await rows.archiveTable?.(member("parent"), ref("parent_archive"), signal());
    await rows.execute?.(plan?.ddl ?? [], signal());
    await expect(
      rows.moveRows?.(scopeOf(member("parent")), [ref("parent_archive")], move, signal()),
    ).rejects.toMatchObject({ code: "conflict", details: { table: "public.guest" } });
    expect(await readIds(scopeOf(member("parent")))).toHaveLength(3);
  });

  test("a cascade to outside is refused before anything happens", async () => {
    await database.sql(
      "CREATE TABLE top (id int PRIMARY KEY, at timestamptz); CREATE TABLE dangling (id int PRIMARY KEY, top_id int REFERENCES top ON DELETE CASCADE); INSERT INTO top VALUES (1, now())",
    );
    await expect(
      rows.deleteRows?.(
        scopeOf(member("top")),
        [{ member: 0, keys: [["1"]], digests: [Buffer.alloc(16)] }],
        signal(),
      ),
    ).rejects.toMatchObject({ code: "refused", details: { child: "public.dangling" } });
  });

  test("a large slice is moved in two halves, and reported as far as it was moved", async () => {
    await database.sql(`
      CREATE TABLE halves (id int PRIMARY KEY, at timestamptz, body text); CREATE INDEX ON halves (at, id);
      INSERT INTO halves SELECT n, '2025-01-01'::timestamptz + n * interval '1 s', 'x' FROM generate_series(1, 3000) n;
      CREATE TABLE halves_archive (LIKE halves INCLUDING ALL); INSERT INTO halves_archive VALUES (2500, now(), 'other')`);
    const scope = scopeOf(member("halves"));
    const [before] = await rows.count(scope, signal());
    const first = await rows.moveRows?.(scope, [ref("halves_archive")], { ...move, maxRows: 3000 }, signal());
    expect(first?.end?.[1]).toBe("1500");
    expect(first?.source).toEqual(first?.target);
    expect(first?.source[0]?.rowCount).toBe(1500n);
    const again = { ...move, maxRows: 3000, after: first?.end ?? null };
    await expect(rows.moveRows?.(scope, [ref("halves_archive")], again, signal())).resolves.toMatchObject({
      end: [expect.anything(), "2250"],
    });
    await expect(
      rows.moveRows?.({ ...scope }, [ref("halves_archive")], { ...move, maxRows: 3000 }, signal()),
    ).rejects.toMatchObject({ code: "conflict", details: { row: "2500" } });
    await database.sql("DELETE FROM halves_archive WHERE id = 2500");
    await rows.moveRows?.(scope, [ref("halves_archive")], { ...move, maxRows: 3000 }, signal());
    expect((await rows.count(scopeOf(member("halves_archive")), signal()))[0]).toEqual(before);
  });

  test("a column that came after the plan stops the move and the deletion", async () => {
    await database.sql(
      "CREATE TABLE later (id int PRIMARY KEY, at timestamptz); INSERT INTO later VALUES (1, now()); CREATE TABLE later_archive (LIKE later INCLUDING ALL)",
    );
    const planned = scopeOf({ ...member("later"), columns: ["id", "at"] });
    const [root] = planned.members;
    const { digests } = await rows.find(root ?? member("later"), [["1"]], signal());
    await database.sql("ALTER TABLE later ADD COLUMN note text DEFAULT 'precious'");
    const stale = { code: "stale_plan", details: { column: "note" } };
    await expect(rows.moveRows?.(planned, [ref("later_archive")], move, signal())).rejects.toMatchObject(
      stale,
    );
    await expect(
      rows.deleteRows?.(planned, [{ member: 0, keys: [["1"]], digests }], signal()),
    ).rejects.toMatchObject(stale);
    const [row] = await database.sql("SELECT note FROM later");
    expect(row?.note).toBe("precious");
  });

  test("a trigger that alters what arrives undoes the move", async () => {
    await database.sql(`
      CREATE TABLE honest (id int PRIMARY KEY, at timestamptz, body text); INSERT INTO honest VALUES (1, now(), 'a');
      CREATE TABLE forged (LIKE honest INCLUDING ALL);
      CREATE FUNCTION forge() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.body := 'b'; RETURN NEW; END $$;
      CREATE TRIGGER forge BEFORE INSERT ON forged FOR EACH ROW EXECUTE FUNCTION forge()`);
    await expect(
      rows.moveRows?.(scopeOf(member("honest")), [ref("forged")], move, signal()),
    ).rejects.toMatchObject({
      code: "corrupt",
    });
    expect(await readIds(scopeOf(member("honest")))).toEqual(["1"]);
    expect((await rows.describe(ref("forged"), signal())).triggers).toMatchObject([
      { name: "forge", events: ["insert"] },
    ]);
  });

  test("rows a table refuses are conflicts with the reason, the others go in", async () => {
    await database.sql(
      "CREATE TABLE open_door (id int PRIMARY KEY, at timestamptz, n int); INSERT INTO open_door SELECT n, now(), n FROM generate_series(1, 9) n; CREATE TABLE narrow_door (id int PRIMARY KEY, at timestamptz, n int CHECK (n <> 5))",
    );
    const batch = await rows.find(
      member("open_door"),
      Array.from({ length: 9 }, (_, n) => [String(n + 1)]),
      signal(),
    );
    const result = await rows.write(member("narrow_door"), batch, signal());
    expect(result.inserted.rowCount).toBe(8n);
    expect(result.conflicts).toMatchObject([{ key: ["5"], reason: "rejected" }]);
  });
});

const query = (name: string): RowQuery => ({
  table: ref(name),
  key: ["id"],
  time: { column: "at", unit: "timestamptz" },
  textColumns: ["body"],
  terms: ["needle"],
  equals: [],
  fromUs: null,
  untilUs: null,
  after: null,
  limit: 50,
  columns: [],
  snippetChars: 40,
  timeoutMs: 10_000,
});
