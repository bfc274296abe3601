import { afterEach, beforeEach, expect, test } from "vitest";
import { db } from "@/lib/control/database";
import { makePlan } from "@/lib/operations/plans";
import { startOperation } from "@/lib/operations/start";
import {
  ACTOR,
  archiveInput,
  coldRows,
  hotRows,
  joined,
  openWorld,
  operationRow,
  plan,
  run,
  type World,
} from "@/lib/operations/testing";
import type { Proof } from "@/lib/schemas/operation";

let world: World;

beforeEach(async () => {
  world = await openWorld(10);
});
afterEach(() => world.drop());

const start = (planId: string) => startOperation({ planId, confirm: "runs", reason: "test", actor: ACTOR });

test("a plan names triggers and row security, and one that is blocked cannot be run", async () => {
  await world.sql.query(`
    CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN OLD; END $$;
    CREATE TRIGGER note_gone BEFORE DELETE ON runs FOR EACH ROW EXECUTE FUNCTION note();
    ALTER TABLE nodes ENABLE ROW LEVEL SECURITY;
    CREATE TABLE notes (id int PRIMARY KEY, run_id uuid REFERENCES runs(id))`);
  const { body, planId } = await makePlan(archiveInput(world, "cold"), ACTOR);
  const risk = (key: string) => body.risks.find((one) => one.key === key);
  expect(risk("triggers")).toMatchObject({ severity: "warn", details: { trigger: "note_gone" } });
  expect(risk("rowSecurity")).toMatchObject({ details: { table: "public.nodes" } });
  expect(risk("incomingForeignKey")).toMatchObject({ severity: "stop" });
  await expect(start(planId)).rejects.toMatchObject({ code: expect.stringMatching(/refused|conflict/) });
  expect(await db().operation.count()).toBe(0);
});

test("over empty tables an archive says that there is nothing, and a count is zero", async () => {
  await world.sql.query("TRUNCATE runs, nodes, logs; ANALYZE");
  for (const tier of ["archive", "cold"] as const) {
    await expect(makePlan(archiveInput(world, tier), ACTOR)).rejects.toMatchObject({
      code: "bad_input",
      key: "tableEmpty",
    });
  }
  const count = await plan({ kind: "count", params: { datasetId: world.datasetId } });
  expect(await run(count)).toBe("succeeded");
  const { facts } = (await operationRow(count)).proof as unknown as Proof;
  expect(facts.find(({ key }) => key === "hotRows")?.after).toBe("0");
  const range = { from: null, until: null };
  await expect(
    makePlan({ kind: "restore", params: { datasetId: world.datasetId, from: "cold", range } }, ACTOR),
  ).rejects.toMatchObject({ code: "bad_input" });
});

test("a table dropped after the plan stops the start, after the start the run; nothing else is touched", async () => {
  const { planId } = await makePlan(archiveInput(world, "cold"), ACTOR);
  const before = await hotRows(world);
  await world.sql.query("ALTER TABLE logs RENAME TO logs_away");
  await expect(start(planId)).rejects.toMatchObject({ code: expect.stringMatching(/stale_plan|not_found/) });
  expect(await db().operation.count()).toBe(0);
  await world.sql.query("ALTER TABLE logs_away RENAME TO logs");
  const operationId = await plan(archiveInput(world, "cold"));
  await world.sql.query("ALTER TABLE logs RENAME TO logs_away");
  expect(await run(operationId)).toBe("failed");
  expect((await operationRow(operationId)).error).toMatchObject({
    code: expect.stringMatching(/stale_plan|not_found/),
    message: expect.stringMatching(/not there|gone|altered|changed/),
  });
  await world.sql.query("ALTER TABLE logs_away RENAME TO logs");
  expect(await hotRows(world)).toEqual(before);
});

test("odd values survive archive and restore; rows outside of time stay hot", async () => {
  await world.sql.query(`
    UPDATE runs SET cost = 'NaN' WHERE status = 'ok' AND tenant_id = 1;
    UPDATE runs SET inputs = repeat('长', 350000) WHERE id = (SELECT id FROM runs ORDER BY created_at LIMIT 1);
    UPDATE nodes SET outputs = '{"a":"\\ud800","b":"\\u0000","a" : 1.10}' WHERE title = 'node 1';
    INSERT INTO runs VALUES (md5('x')::uuid, 9, '', '', 0, 'infinity'), (md5('y')::uuid, 9, '', '', 0, '-infinity')`);
  const before = await hotRows(world);
  expect(await run(await plan(archiveInput(world, "cold")))).toBe("succeeded");
  const [hot, cold] = [await hotRows(world), await coldRows(world)];
  expect(hot.runs.filter((row) => row.endsWith("infinity"))).toHaveLength(2);
  expect(cold.runs.length).toBeGreaterThan(10);
  expect(joined(hot, cold)).toEqual(before);
  const range = { from: null, until: null };
  const back = await plan({ kind: "restore", params: { datasetId: world.datasetId, from: "cold", range } });
  expect(await run(back)).toBe("succeeded");
  expect(await hotRows(world)).toEqual(before);
});
