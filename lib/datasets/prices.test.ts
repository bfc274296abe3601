import { expect, test } from "vitest";
import { addCosts, daysUntilFull, pricesOf, storageCost } from "@/lib/datasets/prices";

test("a price that was set wins over the family's, and says so", () => {
  const set = { perGbMonth: 1, perMillionRequests: 2, currency: "CNY" };
  expect(pricesOf(set, "sql")).toEqual({ ...set, source: "set" });
  expect(pricesOf(null, "sql")).toMatchObject({ currency: "USD", source: "default" });
  expect(pricesOf({ perGbMonth: -1 }, "objects").source).toBe("default");
});

test("storage costs by the gigabyte, and currencies are never mixed", () => {
  const prices = { perGbMonth: 0.5, perMillionRequests: 0, currency: "USD" as const };
  expect(storageCost(3 * 1024 ** 3, prices)).toEqual({ amount: 1.5, currency: "USD" });
  expect(
    addCosts([
      { amount: 1, currency: "USD" },
      { amount: 2, currency: "CNY" },
      { amount: 3, currency: "USD" },
    ]),
  ).toEqual([
    { amount: 4, currency: "USD" },
    { amount: 2, currency: "CNY" },
  ]);
});

test("a store that does not grow is never full", () => {
  expect(daysUntilFull(700, 70)).toBe(70);
  expect(daysUntilFull(700, 0)).toBeNull();
  expect(daysUntilFull(700, -5)).toBeNull();
  expect(daysUntilFull(null, 70)).toBeNull();
  expect(daysUntilFull(5, 70)).toBe(0);
});
