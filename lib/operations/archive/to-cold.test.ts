import { afterAll, beforeAll, expect, test } from "vitest";
import { db, pool } from "@/lib/control/database";
import { cancelOperation } from "@/lib/operations/control";
import {
  ACTOR,
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

/** Stops right after a window was committed and before all of it is deleted; returns the cursor of that moment. */
const cancelled = async () => {
  const operationId = await plan(archiveInput(world, "cold"), { batchRows: 10 });
  let cursor: unknown = null;
  const state = await run(operationId, {
    afterSave: async (saved) => {
      if (saved !== 5) return;
      cursor = (await operationRow(operationId)).cursor;
      await cancelOperation(operationId, ACTOR);
    },
  });
  expect(state).toBe("cancelled");
  expect(joined(await hotRows(world), await coldRows(world))).toEqual(original);
  return { operationId, cursor };
};

test("a cancelled run's windows are not opened again by the next one", async () => {
  await cancelled();
  const [archived] = (await coldRows(world)).runs;
  const id = archived?.split("|")[0];
  await world.sql.query("INSERT INTO runs VALUES ($1, 1, 'new', 'under an old key', 1, '2026-04-01')", [id]);
  const operationId = await plan(archiveInput(world, "cold"));
  expect(await run(operationId)).toBe("succeeded");
  expect((await coldRows(world)).runs).toContain(archived);
  await world.sql.query("DELETE FROM runs WHERE inputs = 'under an old key'");
  await restoreAll();
});

test("segments that were restored since do not stop the next run", async () => {
  const { operationId, cursor } = await cancelled();
  await pool().query(`UPDATE "Operation" SET cursor = $2 WHERE id = $1`, [
    operationId,
    JSON.stringify(cursor),
  ]);
  await restoreAll();
  expect(await run(await plan(archiveInput(world, "cold")))).toBe("succeeded");
  expect(joined(await hotRows(world), await coldRows(world))).toEqual(original);
  await restoreAll();
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
