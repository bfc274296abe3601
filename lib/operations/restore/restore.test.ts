import { afterAll, beforeAll, expect, test } from "vitest";
import {
  archiveInput,
  archiveRows,
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
