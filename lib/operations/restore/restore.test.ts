import { afterAll, beforeAll, expect, test } from "vitest";
import {
  archiveInput,
  archiveRows,
  coldRows,
  crashAt,
  expireLease,
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
  world = await openWorld(10);
  original = await hotRows(world);
});
afterAll(() => world.drop());

const matrix = (["cold", "archive"] as const).flatMap((tier) =>
  (["beforeSave", "afterSave"] as const).map((hook) => [tier, hook] as const),
);

test.each(matrix)(
  "from %s, stopped at every checkpoint (%s), loses nothing and ends the same",
  async (tier, hook) => {
    const colder = () => (tier === "cold" ? coldRows(world) : archiveRows(world));
    const range = { from: null, until: null };
    for (let nth = 1; ; nth += 1) {
      expect(await run(await plan(archiveInput(world, tier)))).toBe("succeeded");
      const operationId = await plan({
        kind: "restore",
        params: { datasetId: world.datasetId, from: tier, range },
      });
      const crashed = await crashAt(operationId, nth, hook);
      expect(lost(original, await hotRows(world), await colder())).toEqual([]);
      if (crashed) expect(await run(operationId)).toBe("succeeded");
      expect(await hotRows(world)).toEqual(original);
      expect(joined(await colder())).toEqual({ runs: [], nodes: [], logs: [] });
      const proof = (await operationRow(operationId)).proof as unknown as Proof;
      expect(proof.lines.map((line) => line.rows.target)).toEqual(["20", "40", "40"]);
      if (!crashed) break;
      expect(nth).toBeLessThan(30);
    }
  },
  120_000,
);

test("a row that comes into the archive while it is restored costs no other row", async () => {
  expect(await run(await plan(archiveInput(world, "archive")))).toBe("succeeded");
  const operationId = await plan({
    kind: "restore",
    params: { datasetId: world.datasetId, from: "archive", range: { from: null, until: null } },
  });
  const late = "'00000000-0000-0000-0000-000000000001', 1, 'ok', 'late', 1";
  // After the keys were read and before the rows are.
  const state = await run(operationId, {
    afterSave: async (saved) => {
      if (saved === 1) await world.sql.query(`INSERT INTO runs_archive VALUES (${late}, '2026-01-01')`);
    },
  });
  expect(lost(original, await hotRows(world), await archiveRows(world))).toEqual([]);
  expect(state).toBe("waiting");
  await expireLease(operationId);
  expect(await run(operationId)).toBe("succeeded");
  expect((await hotRows(world)).runs).toHaveLength(original.runs.length + 1);
  expect(joined(await archiveRows(world))).toEqual({ runs: [], nodes: [], logs: [] });
});
