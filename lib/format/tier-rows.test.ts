import { expect, test } from "vitest";
import { tierRows } from "@/lib/format/tier-rows";

const cold = { rowCount: 30 };

test("tiers are added up where rows move, and not where they lie in both", () => {
  const hot = { rowCount: 100 };
  expect(tierRows({ leavesBy: "delete", hot, archive: { rowCount: 5 }, cold })).toBe(135);
  expect(tierRows({ leavesBy: "expiry", hot, archive: null, cold })).toBe(100);
  expect(tierRows({ leavesBy: "expiry", hot: { rowCount: 10 }, archive: null, cold })).toBe(30);
  expect(tierRows({ leavesBy: "delete", hot: null, archive: null, cold: { rowCount: 0 } })).toBeNull();
});
