import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { encode } from "@/lib/demo/binary-copy";
import { rowsOf } from "@/lib/demo/load";
import { buildPlan } from "@/lib/demo/plan";
import { Random } from "@/lib/demo/random";
import { TABLES, type TableName } from "@/lib/demo/tables";

const END = new Date("2026-11-21T10:00:00Z");

function digest(end: Date): string {
  const plan = buildPlan(end, 0.01);
  const hash = createHash("sha256");
  for (const name of Object.keys(TABLES) as TableName[])
    for (const chunk of encode(TABLES[name], rowsOf(name, plan))) hash.update(chunk);
  return hash.digest("hex");
}

describe("the demo's rows", () => {
  it("are the same for the same end date, and others for another", () => {
    expect(digest(END)).toBe(digest(END));
    expect(digest(END)).not.toBe(digest(new Date("2026-11-22T10:00:00Z")));
  });

  it("lie within the 13 months, each list in order of time, more of them at the end", () => {
    const { runs, calls, fromUs, untilUs } = buildPlan(END, 0.05);
    for (const list of [runs, calls]) {
      const times = list.map((row) => row.atUs);
      expect(times).toEqual([...times].sort((a, b) => a - b));
      expect(times[0]).toBeGreaterThanOrEqual(fromUs);
      expect(times.at(-1)).toBeLessThan(untilUs);
    }
    const middle = (fromUs + untilUs) / 2;
    const late = calls.filter((call) => call.atUs > middle).length;
    expect(late / calls.length).toBeGreaterThan(0.6);
  });

  it("have UUIDs of version 4 that do not repeat", () => {
    const random = new Random(7);
    const ids = new Set(Array.from({ length: 10_000 }, () => random.uuid()));
    expect(ids.size).toBe(10_000);
    for (const id of ids)
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});
