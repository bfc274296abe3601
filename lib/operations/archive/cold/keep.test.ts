import { expect, test } from "vitest";
import { firstCursor, nextWindow } from "@/lib/operations/archive/cold/cursor";
import { isOlder } from "@/lib/operations/archive/cold/keep";

const segment = (operationId: string, next: number) => ({
  operationId,
  segmentId: nextWindow({ ...firstCursor(1), next }, operationId, 1).segmentIds[0] ?? "",
});

test("of two windows of one operation the later one stays, whichever is finished first", () => {
  const [one, two, ten] = [segment("a", 1), segment("a", 2), segment("a", 10)];
  expect([isOlder(one, two), isOlder(two, one)]).toEqual([true, false]);
  expect([isOlder(two, ten), isOlder(ten, two)]).toEqual([true, false]);
  expect(isOlder(two, two)).toBe(false);
});

test("what another operation archived is older: there is one at a time", () => {
  expect(isOlder(segment("b", 9), segment("a", 1))).toBe(true);
});
