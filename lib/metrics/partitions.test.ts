import { afterAll, beforeAll, expect, test } from "vitest";
import { pool } from "@/lib/control/database";
import { type TestControl, testControl } from "@/lib/control/testing";
import {
  keptFrom,
  maintainPartitions,
  makePartitions,
  sliceFromName,
  sliceOf,
} from "@/lib/metrics/partitions";

let control: TestControl;
beforeAll(async () => {
  control = await testControl();
});
afterAll(() => control.drop());

const names = async (table: "raw" | "hour"): Promise<string[]> => {
  const { rows } = await pool().query<{ name: string }>(
    "SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = inhrelid WHERE inhparent = $1::regclass ORDER BY 1",
    [`samples.${table}`],
  );
  return rows.map((row) => row.name);
};

test("a slice ends where the next one begins, over month and year", () => {
  expect(sliceOf("raw", new Date("2026-12-31T23:59:59.999Z"))).toMatchObject({
    name: "raw_20261231",
    until: new Date("2027-01-01T00:00:00Z"),
  });
  expect(sliceOf("hour", new Date("2026-12-05T00:00:00Z"))).toMatchObject({
    name: "hour_202612",
    until: new Date("2027-01-01T00:00:00Z"),
  });
  expect(sliceFromName("raw_20240229")?.from).toEqual(new Date("2024-02-29T00:00:00Z"));
  expect(sliceFromName("hour_2024")).toBeNull();
});

test("makes partitions ahead and drops those that are past, by a clock that moves", async () => {
  const start = new Date("2026-03-10T12:00:00Z");
  await maintainPartitions(pool(), start);
  const before = await names("raw");
  expect(before[0]).toBe("raw_20260303");
  expect(before.at(-1)).toBe("raw_20260312");
  expect(await names("hour")).toEqual(["hour_202603"]);

  const later = new Date("2026-03-15T00:30:00Z");
  const dropped = await maintainPartitions(pool(), later);
  expect(dropped).toEqual(["raw_20260303", "raw_20260304", "raw_20260305", "raw_20260306", "raw_20260307"]);
  expect((await names("raw"))[0]).toBe("raw_20260308");
});

test("keeps thirteen months of hours and not a day more than the month they began in", async () => {
  await makePartitions(pool(), "hour", new Date("2025-01-01Z"), new Date("2026-03-31Z"));
  const dropped = await maintainPartitions(pool(), new Date("2026-03-15T00:30:00Z"));
  expect(dropped).toEqual(["hour_202501"]);
  expect(keptFrom("hour", new Date("2026-03-15Z"))).toEqual(new Date("2025-02-01T00:00:00Z"));
});

test("two workers may make the same partitions at once", async () => {
  const [from, until] = [new Date("2027-01-01Z"), new Date("2027-01-06Z")];
  await Promise.all(Array.from({ length: 4 }, () => makePartitions(pool(), "raw", from, until)));
  expect((await names("raw")).filter((name) => name.startsWith("raw_2027"))).toHaveLength(5);
});
