import { expect, test } from "vitest";
import { createThreadedSidecarBuilder } from "@/lib/segments/gram-builder";
import type { RowGroupContent } from "@/lib/segments/segment";
import { createSidecarBuilder } from "@/lib/segments/sidecar";

const encoder = new TextEncoder();
const options = { textColumns: ["prompt", "answer"], filterRoles: ["user", "model"] };

/** Texts of two columns, one of which ends in a cut character, and values of two roles. */
function rowGroup(at: number, rowCount: number): RowGroupContent {
  const text = (row: number) =>
    encoder.encode(`row ${at * rowCount + row} of 数据库 ${"words ".repeat(row % 40)}`);
  const rows = Array.from({ length: rowCount }, (_, row) => row);
  return {
    texts: [rows.map(text), rows.map((row) => (row % 7 === 0 ? null : text(row).subarray(0, 14)))],
    filters: { user: rows.map((row) => encoder.encode(`user ${row % 9}`)), model: [1.5] },
  };
}

test("the thread's sidecar is the one that is made here, whatever is built beside it", async () => {
  const groups = Array.from({ length: 6 }, (_, at) => rowGroup(at, 300 + 900 * (at % 2)));
  const here = createSidecarBuilder(options);
  for (const group of groups) here.addRowGroup(group);
  const there = createThreadedSidecarBuilder(options);
  const beside = createThreadedSidecarBuilder(options);
  for (const group of groups) {
    await beside.addRowGroup(rowGroup(9, 10));
    await there.addRowGroup(group);
  }
  beside.abort();
  expect(Buffer.from(await there.finish()).equals(here.finish())).toBe(true);
  there.abort();
});

test("without a row group it is empty, and nothing is left after an end", async () => {
  const builder = createThreadedSidecarBuilder(options);
  expect(Buffer.from(await builder.finish()).equals(createSidecarBuilder(options).finish())).toBe(true);
  await expect(builder.addRowGroup(rowGroup(0, 3))).rejects.toThrow(/finished/);
  createThreadedSidecarBuilder(options).abort();
});
