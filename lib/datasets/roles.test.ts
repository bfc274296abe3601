import { expect, test } from "vitest";
import { classOf, unitOfType } from "@/lib/datasets/roles";

test.each([
  ["bigint unsigned", "integer"],
  ["long", "integer"],
  ["longtext", "text"],
  ["string", "text"],
  ["object", "json"],
  ["array", "json"],
  ["geo_point (json)", "json"],
  ["text[]", "other"],
  ["timestamptz (date)", "timestamptz"],
  ["datetime(6)", "timestamp"],
  ["keyword", "other"],
] as const)("a column of the type %s is good for %s", (type, use) => expect(classOf(type)).toBe(use));

test("only types that are times tell their unit", () => {
  expect(unitOfType("timestamptz")).toBe("timestamptz");
  expect(unitOfType("long")).toBeNull();
});
