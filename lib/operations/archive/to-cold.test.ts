import { afterAll, beforeAll, expect, test } from "vitest";
import { db } from "@/lib/control/database";
import {
  archiveInput,
  coldRows,
  crashAt,
  hotRows,
  joined,
  lost,
  openWorld,
  operationRow,
  plan,
  type Rows,
  run,
  type World,
} from "@/lib/operations/testing";
import type { Proof } from "@/lib/schemas/operation";

let world: World;
let original: Rows;

beforeAll(async () => {
  world = await openWorld(30);
  original = await hotRows(world);
});
afterAll(() => world.drop());

const restoreAll = async () => {
  const range = { from: null, until: null };
  const operationId = await plan({
    kind: "restore",
    params: { datasetId: world.datasetId, from: "cold", range },
  });
  expect(await run(operationId)).toBe("succeeded");
  expect(await hotRows(world)).toEqual(original);
  expect(joined(await coldRows(world))).toEqual({ runs: [], nodes: [], logs: [] });
};

test("moves a family to segments, proves it and brings it back", async () => {
  const operationId = await plan(archiveInput(world, "cold"), { batchRows: 17 });
  expect(await run(operationId)).toBe("succeeded");
  const [hot, cold] = [await hotRows(world), await coldRows(world)];
  expect(cold.runs).toHaveLength(60);
  expect(joined(hot, cold)).toEqual(original);
  const proof = (await operationRow(operationId)).proof as unknown as Proof;
  expect(proof.complete).toBe(true);
  expect(proof.segments).toHaveLength(6);
  expect(proof.lines.map((line) => [line.rows.source, line.rows.target])).toEqual([
    ["60", "60"],
    ["120", "120"],
    ["120", "120"],
  ]);
  await restoreAll();
  expect(await db().segment.count({ where: { state: "committed" } })).toBe(0);
});

test.each(["beforeSave", "afterSave"] as const)(
  "stopped at every checkpoint (%s), loses nothing and ends the same",
  async (hook) => {
    for (let nth = 1; ; nth += 1) {
      const operationId = await plan(archiveInput(world, "cold"), { batchRows: 20 });
      const crashed = await crashAt(operationId, nth, hook);
      expect(lost(original, await hotRows(world), await coldRows(world))).toEqual([]);
      if (crashed) expect(await run(operationId)).toBe("succeeded");
      expect(joined(await hotRows(world), await coldRows(world))).toEqual(original);
      const proof = (await operationRow(operationId)).proof as unknown as Proof;
      expect(proof.lines.map((line) => line.rows.target)).toEqual(["60", "120", "120"]);
      await restoreAll();
      if (!crashed) break;
      expect(nth).toBeLessThan(60);
    }
  },
  120_000,
);
