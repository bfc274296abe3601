import { beforeEach, describe, expect, test } from "vitest";
import type { Batch, Cursor } from "@/lib/stores/batch";
import { arrivalConformance } from "@/lib/stores/conformance-arrivals";
import {
  column,
  digestOf,
  options,
  type RowFixture,
  readAll,
  rootRow,
  rootRows,
  START_US,
  signal,
} from "@/lib/stores/conformance-fixture";
import { deleteConformance, moveConformance } from "@/lib/stores/conformance-moves";
import { digestHex, emptyDigest } from "@/lib/stores/digest";
import type { FamilyMember, FamilyScope, RowAccess } from "@/lib/stores/rows";
import { DEFAULT_TRAITS, type Store, type StoreDriver } from "@/lib/stores/store";

interface Target {
  open(access: "read" | "write"): Store;
  rows: RowFixture | undefined;
}

export function rowConformance(driver: StoreDriver, target: () => Target): void {
  const { families } = { ...DEFAULT_TRAITS, ...driver.traits };
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
    const key = (id: string) => fixture.keyOf?.(id) ?? id;
    const between = (from: number | null, until: number | null): FamilyScope => ({
      ...scope,
      fromUs: from === null ? null : rootRow(from).atUs,
      untilUs: until === null ? null : rootRow(until).atUs,
    });

    test("a table is described, with its key", async () => {
      // A store without schemas knows its columns by its rows.
      await fixture.insert(rootRows(1), 0);
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

    test.runIf(families)("members are reached through the root, with the root's range", async () => {
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
      await fixture.insert(rootRows(130), families ? 2 : 0);
      const { exact, members } = await rows.months(scope, 5_000, signal());
      expect(exact).toBe(true);
      const counted = members.map((months) => months.map(({ month, rowCount }) => [month, rowCount]));
      const expected = (perMonth: number) => [
        ["2025-01", 120 * perMonth],
        ["2025-02", 10 * perMonth],
      ];
      expect(counted).toEqual(families ? [expected(1), expected(2)] : [expected(1)]);
    });

    test("a count has the digest of the rows that are read", async () => {
      await fixture.insert(rootRows(20), families ? 2 : 0);
      const [first, second] = await rows.count(between(3, 15), signal());
      expect(first).toEqual(digestOf(await readAll(rows, between(3, 15))));
      if (families) expect(second).toEqual(digestOf(await readAll(rows, between(3, 15), { member: 1 })));
      expect(digestHex(first ?? emptyDigest())).toMatch(/^[0-9a-f]{32}$/);
    });

    test("rows are found by key, missing ones left out", async () => {
      await fixture.insert(rootRows(5), 0);
      const batch = await rows.find(root(), [[key("3")], [key("999")], [key("1")]], signal());
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
      expect(third.conflicts).toMatchObject([{ key: [key("2")], reason: "differentContent" }]);
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

    arrivalConformance(() => ({ rows, scope, fixture }));
    if (driver.abilities.includes("deleteRows"))
      deleteConformance(families, () => ({ rows, scope, fixture }));
    if (driver.abilities.includes("moveRows")) moveConformance(() => ({ rows, scope, fixture }));
  });
}
