import { beforeEach, describe, expect, test } from "vitest";
import type { Batch, Cursor, Vector } from "@/lib/stores/batch";
import { addDigests, type DigestSum, digestHex, emptyDigest } from "@/lib/stores/digest";
import type {
  FamilyMember,
  FamilyScope,
  MoveResult,
  ReadOptions,
  RowAccess,
  Store,
  StoreDriver,
} from "@/lib/stores/store";
import type { TableRef } from "@/lib/stores/table";

/** One root row: `at` microseconds since 1970. Its children are rows of the member table that hang on it. */
export interface RootRow {
  id: string;
  atUs: bigint;
  text: string;
}

/** A family of two tables, root (id, at, text) and child (id, root id, text), empty at the start of each test. */
export interface RowFixture {
  /** Empties the family and its archive tables. */
  reset(): Promise<void>;
  scope(): FamilyScope;
  /** Names for archive tables, which do not exist. */
  targets(): TableRef[];
  insert(rows: readonly RootRow[], childrenPerRow: number): Promise<void>;
  /** Changes the text of a root row, or of the first child of it. */
  change(member: 0 | 1, rootId: string): Promise<void>;
  addChild(rootId: string): Promise<void>;
  count(member: 0 | 1): Promise<number>;
  dropRoot(): Promise<void>;
  /** Names of the root's columns. */
  columns: { id: string; time: string; text: string };
}

const MINUTE_US = 60_000_000n;
const START_US = BigInt(Date.UTC(2025, 0, 31, 22)) * 1_000n;
const signal = () => AbortSignal.timeout(20_000);

export const rootRow = (n: number, stepUs: bigint = MINUTE_US): RootRow => ({
  id: String(n),
  atUs: START_US + BigInt(n) * stepUs,
  text: `row ${n} 归档 "quoted" \\ back`,
});
const rootRows = (count: number): RootRow[] => Array.from({ length: count }, (_, n) => rootRow(n));

const options = (more: Partial<ReadOptions> = {}): ReadOptions => ({
  member: 0,
  after: null,
  upTo: null,
  batchRows: 7,
  batchBytes: 1 << 20,
  digests: true,
  ...more,
});

const decode = (vector: Vector | undefined, row: number): string => {
  const value = vector?.values[row];
  return value instanceof Uint8Array ? Buffer.from(value).toString("utf8") : String(value);
};

const column = (batch: Batch, name: string): string[] => {
  const vector = batch.vectors.find((one) => one.name === name);
  return Array.from({ length: batch.rowCount }, (_, row) => decode(vector, row));
};

async function readAll(
  rows: RowAccess,
  scope: FamilyScope,
  how: Partial<ReadOptions> = {},
): Promise<Batch[]> {
  const batches: Batch[] = [];
  for await (const batch of rows.read(scope, options(how), signal())) batches.push(batch);
  return batches;
}

const digestOf = (batches: readonly Batch[]): DigestSum =>
  batches.reduce((sum, batch) => addDigests(sum, batch.digests), emptyDigest());

interface Target {
  open(access: "read" | "write"): Store;
  rows: RowFixture | undefined;
}

export function rowConformance(driver: StoreDriver, target: () => Target): void {
  describe("rows", () => {
    let fixture: RowFixture;
    let rows: RowAccess;
    let scope: FamilyScope;
    beforeEach(async () => {
      const { open, rows: made } = target();
      if (!made) throw new Error("a driver with rows brings a row fixture");
      fixture = made;
      await fixture.reset();
      const access = open("write").rows;
      if (!access) throw new Error("no row access");
      rows = access;
      scope = fixture.scope();
    });
    const ids = (batches: readonly Batch[]) => batches.flatMap((batch) => column(batch, fixture.columns.id));
    const root = (): FamilyMember => {
      const [member] = scope.members;
      if (!member) throw new Error("no root");
      return member;
    };
    const between = (from: number | null, until: number | null): FamilyScope => ({
      ...scope,
      fromUs: from === null ? null : rootRow(from).atUs,
      untilUs: until === null ? null : rootRow(until).atUs,
    });

    test("a table is described, with its key", async () => {
      const shape = await rows.describe(root().table, signal());
      expect(shape.key).toEqual(root().key);
      expect(shape.columns.map((one) => one.name)).toContain(fixture.columns.text);
      expect((await rows.describe(root().table, signal())).fingerprint).toBe(shape.fingerprint);
    });

    test("a table that is not there is not_found", async () => {
      await expect(rows.describe({ schema: "nowhere", name: "nothing" }, signal())).rejects.toMatchObject({
        code: "not_found",
      });
    });

    test("resuming after any batch's cursor yields each row once", async () => {
      await fixture.insert(rootRows(25), 0);
      const whole = ids(await readAll(rows, scope));
      expect(whole).toEqual(rootRows(25).map((row) => row.id));
      const first = await readAll(rows, scope, { batchRows: 4 });
      for (const [at, batch] of first.entries()) {
        const rest = ids(await readAll(rows, scope, { after: batch.end }));
        expect([...ids(first.slice(0, at + 1)), ...rest]).toEqual(whole);
      }
    });

    test("rows of one instant are told apart by their key", async () => {
      await fixture.insert(
        rootRows(12).map((row) => ({ ...row, atUs: START_US })),
        0,
      );
      const [first] = await readAll(rows, scope, { batchRows: 5 });
      const rest = await readAll(rows, scope, { after: first?.end ?? null });
      expect(new Set([...ids(first ? [first] : []), ...ids(rest)]).size).toBe(12);
    });

    test("ranges are half-open", async () => {
      await fixture.insert(rootRows(10), 0);
      expect(ids(await readAll(rows, between(3, 6)))).toEqual(["3", "4", "5"]);
      expect(ids(await readAll(rows, between(null, 2)))).toEqual(["0", "1"]);
      expect(ids(await readAll(rows, between(8, null)))).toEqual(["8", "9"]);
      expect(ids(await readAll(rows, between(4, 4)))).toEqual([]);
    });

    test("times keep the precision that is promised", async () => {
      const step = BigInt({ timePrecisionUs: 1, ...driver.traits }.timePrecisionUs);
      await fixture.insert([rootRow(0, step), rootRow(1, step)], 0);
      const found = await readAll(rows, { ...scope, fromUs: START_US + step });
      expect(ids(found)).toEqual(["1"]);
    });

    test("members are reached through the root, with the root's range", async () => {
      await fixture.insert(rootRows(9), 3);
      const batches = await readAll(rows, between(2, 5), { member: 1 });
      expect(batches.reduce((sum, batch) => sum + batch.rowCount, 0)).toBe(9);
    });

    test("a window ends where its rows end and stays inside one month", async () => {
      // The first rows lie two hours before the end of January.
      await fixture.insert(rootRows(130), 0);
      const seen: string[] = [];
      let after: Cursor | null = null;
      for (let turn = 0; turn < 50; turn++) {
        const window = await rows.window(scope, after, 50, signal());
        if (!window) break;
        const part = await readAll(rows, scope, { after, upTo: window.end });
        expect(ids(part)).toHaveLength(window.rowCount);
        seen.push(`${window.month}:${window.rowCount}`);
        after = window.end;
      }
      expect(seen).toEqual(["2025-01:50", "2025-01:50", "2025-01:20", "2025-02:10"]);
    });

    test("months count the root and what hangs on it", async () => {
      await fixture.insert(rootRows(130), 2);
      const { exact, members } = await rows.months(scope, 5_000, signal());
      expect(exact).toBe(true);
      expect(members.map((months) => months.map(({ month, rowCount }) => [month, rowCount]))).toEqual([
        [
          ["2025-01", 120],
          ["2025-02", 10],
        ],
        [
          ["2025-01", 240],
          ["2025-02", 20],
        ],
      ]);
    });

    test("a count has the digest of the rows that are read", async () => {
      await fixture.insert(rootRows(20), 2);
      const [first, second] = await rows.count(between(3, 15), signal());
      expect(first).toEqual(digestOf(await readAll(rows, between(3, 15))));
      expect(second).toEqual(digestOf(await readAll(rows, between(3, 15), { member: 1 })));
      expect(digestHex(first ?? emptyDigest())).toMatch(/^[0-9a-f]{32}$/);
    });

    test("rows are found by key, missing ones left out", async () => {
      await fixture.insert(rootRows(5), 0);
      const batch = await rows.find(root(), [["3"], ["999"], ["1"]], signal());
      expect(column(batch, fixture.columns.id).sort()).toEqual(["1", "3"]);
      expect(batch.digests).toHaveLength(2);
    });

    test("stopping early leaves the store usable", async () => {
      await fixture.insert(rootRows(50), 0);
      for await (const batch of rows.read(scope, options({ batchRows: 2 }), signal())) {
        expect(batch.rowCount).toBe(2);
        break;
      }
      expect(ids(await readAll(rows, scope))).toHaveLength(50);
    });

    test("a read that is cancelled ends as cancelled", async () => {
      await fixture.insert(rootRows(50), 0);
      const stop = new AbortController();
      const reading = async () => {
        for await (const _ of rows.read(scope, options({ batchRows: 1 }), stop.signal)) stop.abort();
      };
      await expect(reading()).rejects.toMatchObject({ code: "cancelled" });
      expect(ids(await readAll(rows, scope))).toHaveLength(50);
    });

    test("a table that is gone is not_found", async () => {
      await fixture.dropRoot();
      await expect(readAll(rows, scope)).rejects.toMatchObject({ code: "not_found" });
    });

    test("writing twice is a no-op, and a different row is a conflict", async () => {
      await fixture.insert(rootRows(6), 0);
      const [batch] = await readAll(rows, scope, { batchRows: 100 });
      if (!batch) throw new Error("nothing read");
      const again = await rows.write(root(), batch, signal());
      expect(again).toMatchObject({ identical: 6, conflicts: [] });
      expect(again.inserted.rowCount).toBe(0n);
      await fixture.change(0, "2");
      const third = await rows.write(root(), batch, signal());
      expect(third.identical).toBe(5);
      expect(third.conflicts).toMatchObject([{ key: ["2"], reason: "differentContent" }]);
    });

    test("rows written into an empty table are the rows that were read", async () => {
      await fixture.insert(rootRows(6), 0);
      const batches = await readAll(rows, scope, { batchRows: 100 });
      const before = await rows.count(scope, signal());
      await fixture.reset();
      for (const batch of batches) {
        const { inserted } = await rows.write(root(), batch, signal());
        expect(inserted).toEqual(digestOf([batch]));
      }
      expect((await rows.count(scope, signal()))[0]).toEqual(before[0]);
    });

    test("a row that does not read back as written undoes the call", async () => {
      await fixture.insert(rootRows(3), 0);
      const [batch] = await readAll(rows, scope, { batchRows: 100 });
      if (!batch) throw new Error("nothing read");
      await fixture.reset();
      const digests = batch.digests.map((digest, at) => (at === 1 ? Buffer.alloc(16, 7) : digest));
      await expect(rows.write(root(), { ...batch, digests }, signal())).rejects.toMatchObject({
        code: "corrupt",
      });
      expect(await fixture.count(0)).toBe(0);
    });

    test("a store opened for reading does not write", async () => {
      await fixture.insert(rootRows(3), 0);
      const reader = target().open("read").rows;
      const [batch] = await readAll(rows, scope, { batchRows: 100 });
      await fixture.reset();
      if (!reader || !batch) throw new Error("nothing read");
      await expect(reader.write(root(), batch, signal())).rejects.toMatchObject({ code: "forbidden" });
      expect(await fixture.count(0)).toBe(0);
    });

    if (driver.abilities.includes("deleteRows")) deleteConformance(() => ({ rows, scope, fixture, readAll }));
    if (driver.abilities.includes("moveRows")) moveConformance(() => ({ rows, scope, fixture, readAll }));
  });
}

interface Context {
  rows: RowAccess;
  scope: FamilyScope;
  fixture: RowFixture;
  readAll: typeof readAll;
}

async function exported({ rows, scope }: Context) {
  const parts = [];
  for (const [member, { key }] of scope.members.entries()) {
    for (const batch of await readAll(rows, scope, { member, batchRows: 5 })) {
      const columns = key.map((name) => column(batch, name));
      const keys = Array.from({ length: batch.rowCount }, (_, row) =>
        columns.map((values) => values[row] ?? ""),
      );
      parts.push({ member, keys, digests: batch.digests });
    }
  }
  return parts;
}

function deleteConformance(context: () => Context): void {
  const remove = async (parts: Awaited<ReturnType<typeof exported>>) => {
    const { rows, scope } = context();
    if (!rows.deleteRows) throw new Error("no deleteRows");
    return rows.deleteRows(scope, parts, signal());
  };

  test("exported rows are deleted, children with them, and the digests agree", async () => {
    const { fixture, rows, scope } = context();
    await fixture.insert(rootRows(12), 2);
    const before = await rows.count(scope, signal());
    const result = await remove(await exported(context()));
    expect(result).toEqual({ deleted: before, kept: [] });
    expect([await fixture.count(0), await fixture.count(1)]).toEqual([0, 0]);
  });

  test("deleting again is a no-op", async () => {
    const { fixture } = context();
    await fixture.insert(rootRows(4), 1);
    const parts = await exported(context());
    await remove(parts);
    const again = await remove(parts);
    expect(again.kept).toEqual([]);
    expect(again.deleted.map((sum) => sum.rowCount)).toEqual([0n, 0n]);
  });

  test.each([
    [0, "changed"],
    [1, "changed"],
  ] as const)("a family whose member %i changed since stays whole", async (member, reason) => {
    const { fixture } = context();
    await fixture.insert(rootRows(5), 2);
    const parts = await exported(context());
    await fixture.change(member, "3");
    const { kept, deleted } = await remove(parts);
    expect(deleted.map((sum) => sum.rowCount)).toEqual([4n, 8n]);
    expect(kept.filter((row) => row.member === 0)).toEqual([{ member: 0, key: ["3"], reason }]);
    expect(kept.filter((row) => row.member === 1)).toHaveLength(2);
    expect([await fixture.count(0), await fixture.count(1)]).toEqual([1, 2]);
  });

  test("a family that got a child since stays whole", async () => {
    const { fixture } = context();
    await fixture.insert(rootRows(5), 1);
    const parts = await exported(context());
    await fixture.addChild("2");
    const { kept, deleted } = await remove(parts);
    expect(deleted.map((sum) => sum.rowCount)).toEqual([4n, 4n]);
    expect(kept).toContainEqual({ member: 0, key: ["2"], reason: "newChild" });
    expect(kept.filter((row) => row.member === 1)).toMatchObject([{ reason: "parentKept" }]);
    expect([await fixture.count(0), await fixture.count(1)]).toEqual([1, 2]);
  });

  test("rows whose root was not exported are kept", async () => {
    const { fixture } = context();
    await fixture.insert(rootRows(3), 1);
    const parts = (await exported(context())).filter((part) => part.member === 1);
    const { kept, deleted } = await remove(parts);
    expect(deleted.map((sum) => sum.rowCount)).toEqual([0n, 0n]);
    expect(kept.map((row) => row.reason)).toEqual(["parentKept", "parentKept", "parentKept"]);
  });
}

function moveConformance(context: () => Context): void {
  const limits = { statementTimeoutMs: 10_000, lockTimeoutMs: 1_000 };
  const prepare = async () => {
    const { rows, scope, fixture } = context();
    const targets = fixture.targets();
    for (const [at, member] of scope.members.entries()) {
      const target = targets[at];
      if (!rows.archiveTable || !rows.execute || !target) throw new Error("no archive tables");
      const plan = await rows.archiveTable(member, target, signal());
      await rows.execute(plan.ddl, signal());
      expect(await rows.archiveTable(member, target, signal())).toEqual({ exists: true, ddl: [], drift: [] });
    }
    return targets;
  };
  const archived = (scope: FamilyScope, targets: readonly TableRef[]): FamilyScope => ({
    ...scope,
    members: scope.members.map((member, at) => ({ ...member, table: targets[at] ?? member.table })),
  });
  const moveAll = async (scope: FamilyScope, targets: readonly TableRef[], maxRows: number) => {
    const { rows } = context();
    let after: Cursor | null = null;
    let moved = 0n;
    for (let turn = 0; turn < 100; turn++) {
      const result: MoveResult | undefined = await rows.moveRows?.(
        scope,
        targets,
        { ...limits, after, maxRows },
        signal(),
      );
      if (!result?.end) break;
      expect(result.source).toEqual(result.target);
      moved += result.source[0]?.rowCount ?? 0n;
      after = result.end;
    }
    return moved;
  };

  test("a family moves in slices, and arrives as it left", async () => {
    const { rows, scope, fixture } = context();
    await fixture.insert(rootRows(23), 2);
    const targets = await prepare();
    const before = await rows.count(scope, signal());
    expect(await moveAll(scope, targets, 5)).toBe(23n);
    expect(await rows.count(archived(scope, targets), signal())).toEqual(before);
    expect([await fixture.count(0), await fixture.count(1)]).toEqual([0, 0]);
  });

  test("only what lies in the scope moves; moving again moves nothing", async () => {
    const { scope, fixture } = context();
    await fixture.insert(rootRows(10), 1);
    const targets = await prepare();
    const old = { ...scope, untilUs: rootRow(4).atUs };
    expect(await moveAll(old, targets, 3)).toBe(4n);
    expect(await moveAll(old, targets, 3)).toBe(0n);
    expect([await fixture.count(0), await fixture.count(1)]).toEqual([6, 6]);
  });

  test("rows move back the same way", async () => {
    const { rows, scope, fixture } = context();
    await fixture.insert(rootRows(8), 1);
    const targets = await prepare();
    const before = await rows.count(scope, signal());
    await moveAll(scope, targets, 100);
    const back = archived(scope, targets);
    await moveAll(
      back,
      scope.members.map((member) => member.table),
      3,
    );
    expect(await rows.count(scope, signal())).toEqual(before);
  });

  test("a row that lies in the archive, equal, is only removed; a different one stops the move", async () => {
    const { rows, scope, fixture } = context();
    await fixture.insert(rootRows(6), 0);
    const targets = await prepare();
    const [batch] = await readAll(rows, scope, { batchRows: 100 });
    const [member] = archived(scope, targets).members;
    if (!batch || !member) throw new Error("nothing read");
    await rows.write(member, batch, signal());
    await fixture.change(0, "4");
    await expect(moveAll(scope, targets, 100)).rejects.toMatchObject({ code: "conflict" });
    expect(await fixture.count(0)).toBe(6);
    expect(await moveAll({ ...scope, untilUs: rootRow(4).atUs }, targets, 100)).toBe(4n);
    expect(await fixture.count(0)).toBe(2);
    expect((await rows.count(archived(scope, targets), signal()))[0]?.rowCount).toBe(6n);
  });
}
