import { afterAll, beforeAll, expect, test } from "vitest";
import {
  crashAt,
  hotRows,
  openWorld,
  operationRow,
  plan,
  type Rows,
  run,
  type World,
} from "@/lib/operations/testing";
import type { Proof } from "@/lib/schemas/operation";
import type { PlanInput } from "@/lib/schemas/plan";

/** Operations that move nothing: they must survive a stop anywhere too, and end with the same proof. */
let world: World;
let original: Rows;

beforeAll(async () => {
  world = await openWorld(10);
  original = await hotRows(world);
});
afterAll(() => world.drop());

const inputs = (): Record<string, PlanInput> => ({
  count: { kind: "count", params: { datasetId: world.datasetId } },
  vacuum: {
    kind: "optimize",
    params: { datasetId: world.datasetId, tier: "hot", action: { kind: "vacuumAnalyze" } },
  },
  analyze: {
    kind: "optimize",
    params: { datasetId: world.datasetId, tier: "hot", action: { kind: "analyze" } },
  },
});

const keysOf = (proof: unknown): string[] => (proof as Proof).facts.map((fact) => fact.key).sort();

test.each(["count", "vacuum", "analyze"])(
  "%s: stopped at every checkpoint, ends as if it never was",
  async (name) => {
    const input = inputs()[name];
    if (!input) throw new Error(`no input for ${name}`);
    const whole = await plan(input);
    expect(await run(whole)).toBe("succeeded");
    const expected = keysOf((await operationRow(whole)).proof);
    for (const hook of ["beforeSave", "afterSave"] as const) {
      for (let nth = 1; ; nth += 1) {
        const operationId = await plan(input);
        const crashed = await crashAt(operationId, nth, hook);
        if (crashed) expect(await run(operationId)).toBe("succeeded");
        expect(keysOf((await operationRow(operationId)).proof)).toEqual(expected);
        expect(await hotRows(world)).toEqual(original);
        if (!crashed) break;
        expect(nth).toBeLessThan(40);
      }
    }
  },
);
