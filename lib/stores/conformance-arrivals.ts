import { expect, test } from "vitest";
import {
  column,
  digestOf,
  type RowFixture,
  readAll,
  rootRow,
  rootRows,
} from "@/lib/stores/conformance-fixture";
import type { FamilyScope, RowAccess } from "@/lib/stores/rows";

interface Target {
  rows: RowAccess;
  scope: FamilyScope;
  fixture: RowFixture;
}

/** Most bytes of one value that every store is asked for, unless its fixture says that its server refuses them. */
const LARGE_BYTES = 16 * 1024 * 1024;

/** What happens while somebody reads: rows that arrive, and rows that are large. */
export function arrivalConformance(target: () => Target): void {
  test("rows that arrive while a cursor is resumed come once, and none is skipped", async () => {
    const { rows, scope, fixture } = target();
    const ids = async (after: readonly string[] | null) =>
      (await readAll(rows, scope, { after, batchRows: 4 })).flatMap((batch) =>
        column(batch, fixture.columns.id),
      );
    await fixture.insert(rootRows(12), 0);
    const edges = (await readAll(rows, scope, { batchRows: 4 })).map((batch) => batch.end);
    const seen: string[] = [];
    let arrived = 12;
    for (const edge of edges) {
      await fixture.insert([rootRow(arrived)], 0);
      arrived += 1;
      const expected = Array.from({ length: arrived }, (_, n) => String(n)).slice(seen.length + 4);
      expect(await ids(edge)).toEqual(expected);
      seen.push(...Array.from({ length: 4 }, (_, n) => String(seen.length + n)));
    }
  });

  test("a large value is read, and written back, as it is", async () => {
    const { rows, scope, fixture } = target();
    const [member] = scope.members;
    if (!member) throw new Error("no root");
    const bytes = fixture.maxValueBytes ?? LARGE_BYTES;
    // Three bytes a character, so that a cut in the middle of one would show.
    const text = "对话".repeat(Math.floor(bytes / 6));
    await fixture.insert([{ ...rootRow(0), text }, rootRow(1)], 0);
    const batches = await readAll(rows, scope, { batchBytes: 1 << 20 });
    const texts = batches.flatMap((batch) => column(batch, fixture.columns.text));
    expect(texts.map((one) => one.length)).toEqual([text.length, rootRow(1).text.length]);
    expect(texts[0] === text).toBe(true);
    await fixture.reset();
    for (const batch of batches) await rows.write(member, batch, AbortSignal.timeout(60_000));
    expect(digestOf(await readAll(rows, scope))).toEqual(digestOf(batches));
  }, 60_000);
}
