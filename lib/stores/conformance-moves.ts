import { expect, test } from "vitest";
import type { Cursor } from "@/lib/stores/batch";
import {
  column,
  type RowFixture,
  readAll,
  rootRow,
  rootRows,
  signal,
} from "@/lib/stores/conformance-fixture";
import type { FamilyScope, MoveResult, RowAccess } from "@/lib/stores/rows";
import type { TableRef } from "@/lib/stores/table";

interface Context {
  rows: RowAccess;
  scope: FamilyScope;
  fixture: RowFixture;
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

/** Without families there is one member, and every row stands alone. */
export function deleteConformance(families: boolean, context: () => Context): void {
  const children = (perRow: number) => (families ? perRow : 0);
  const counts = (root: bigint, perRow: bigint) => (families ? [root, root * perRow] : [root]);
  const left = async (fixture: RowFixture) =>
    families ? [await fixture.count(0), await fixture.count(1)] : [await fixture.count(0)];
  const remove = async (parts: Awaited<ReturnType<typeof exported>>) => {
    const { rows, scope } = context();
    if (!rows.deleteRows) throw new Error("no deleteRows");
    return rows.deleteRows(scope, parts, signal());
  };

  test("exported rows are deleted, children with them, and the digests agree", async () => {
    const { fixture, rows, scope } = context();
    await fixture.insert(rootRows(12), children(2));
    const before = await rows.count(scope, signal());
    const result = await remove(await exported(context()));
    expect(result).toEqual({ deleted: before, kept: [] });
    expect(await left(fixture)).toEqual(families ? [0, 0] : [0]);
  });

  test("deleting again is a no-op", async () => {
    const { fixture } = context();
    await fixture.insert(rootRows(4), children(1));
    const parts = await exported(context());
    await remove(parts);
    const again = await remove(parts);
    expect(again.kept).toEqual([]);
    expect(again.deleted.map((sum) => sum.rowCount)).toEqual(counts(0n, 0n));
  });

  test("a row that changed since is kept, the others go", async () => {
    const { fixture } = context();
    await fixture.insert(rootRows(5), 0);
    const parts = await exported(context());
    await fixture.change(0, "3");
    const { kept, deleted } = await remove(parts);
    expect(deleted[0]?.rowCount).toBe(4n);
    expect(kept).toEqual([{ member: 0, key: [fixture.keyOf?.("3") ?? "3"], reason: "changed" }]);
    expect(await fixture.count(0)).toBe(1);
  });

  if (!families) return;

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

export function moveConformance(context: () => Context): void {
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
