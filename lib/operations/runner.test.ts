import { chmod, mkdir, rm, writeFile } from "node:fs/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { db, pool } from "@/lib/control/database";
import { isAppError } from "@/lib/errors";
import { cancelOperation, pauseOperation, resumeOperation, setThrottle } from "@/lib/operations/control";
import { makePlan } from "@/lib/operations/plans";
import { startOperation } from "@/lib/operations/start";
import {
  ACTOR,
  archiveInput,
  archiveRows,
  coldRows,
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
import { type Proof, throttleSchema } from "@/lib/schemas/operation";
import type { BasisChange } from "@/lib/schemas/plan";

let world: World;
let original: Rows;

beforeEach(async () => {
  world = await openWorld(30);
  original = await hotRows(world);
});
afterEach(() => world.drop());

const startOf = async (planId: string) =>
  startOperation({ planId, confirm: "runs", reason: "test", actor: ACTOR });

const codeOf = (error: unknown) => (isAppError(error) ? error.code : String(error));

test("counts each tier exactly", async () => {
  expect(await run(await plan(archiveInput(world, "cold")))).toBe("succeeded");
  const operationId = await plan({ kind: "count", params: { datasetId: world.nodesId } });
  expect(await run(operationId)).toBe("succeeded");
  const { facts } = (await operationRow(operationId)).proof as unknown as Proof;
  expect(facts.find(({ key }) => key === "hotRows")?.after).toBe("120");
  expect(facts.find(({ key }) => key === "coldRows")?.after).toBe("120");
});

test("optimizes and tells sizes before and after", async () => {
  const operationId = await plan({
    kind: "optimize",
    params: { datasetId: world.datasetId, tier: "hot", action: { kind: "vacuumAnalyze" } },
  });
  expect(await run(operationId)).toBe("succeeded");
  const { facts } = (await operationRow(operationId)).proof as unknown as Proof;
  expect(facts.find(({ key }) => key === "totalBytes")?.before).toMatch(/^\d+$/);
});

test("two presses at once start one operation", async () => {
  const plans = [
    await makePlan(archiveInput(world, "archive"), ACTOR),
    await makePlan(archiveInput(world, "cold"), ACTOR),
  ];
  const results = await Promise.allSettled(plans.map(({ planId }) => startOf(planId)));
  expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  const refused = results.find((result) => result.status === "rejected");
  expect(codeOf(refused?.reason)).toBe("conflict");
  const again = await makePlan(archiveInput(world, "archive"), ACTOR);
  await expect(startOf(again.planId)).rejects.toMatchObject({ code: "conflict" });
});

test("one plan pressed twice runs once", async () => {
  const { planId } = await makePlan(archiveInput(world, "archive"), ACTOR);
  const results = await Promise.allSettled([startOf(planId), startOf(planId)]);
  expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  expect(await db().auditEntry.count({ where: { action: "operation.start" } })).toBe(1);
});

test("a stale plan is refused with the difference", async () => {
  const { planId } = await makePlan(archiveInput(world, "archive"), ACTOR);
  await world.sql.query("ALTER TABLE nodes ADD COLUMN extra text");
  const error = await startOf(planId).catch((caught: unknown) => caught);
  expect(error).toMatchObject({ code: "stale_plan" });
  const changes = isAppError(error) ? (error.details?.changes as BasisChange[]) : [];
  expect(changes.map(({ name }) => name)).toEqual(["schema nodes"]);
});

test("an expired plan is refused", async () => {
  const { planId } = await makePlan(archiveInput(world, "archive"), ACTOR);
  await pool().query('UPDATE "Plan" SET "expiresAt" = now()');
  await expect(startOf(planId)).rejects.toMatchObject({ code: "stale_plan" });
});

test("wrong name, no reason, cut-off in the future or before everything", async () => {
  const { planId } = await makePlan(archiveInput(world, "archive"), ACTOR);
  const error = await startOperation({ planId, confirm: "rums", actor: ACTOR }).catch(
    (caught: unknown) => caught,
  );
  expect(isAppError(error) && Object.keys(error.fields ?? {})).toEqual(["confirm", "reason"]);
  const at = (instant: string) =>
    makePlan(
      {
        kind: "archive",
        params: { datasetId: world.datasetId, cutoff: { at: instant }, target: { tier: "archive" } },
      },
      ACTOR,
    );
  await expect(at("2999-01-01T00:00:00Z")).rejects.toMatchObject({
    code: "bad_input",
    key: "cutoffInFuture",
  });
  await expect(at("2001-01-01T00:00:00Z")).rejects.toMatchObject({
    code: "bad_input",
    key: "cutoffCoversNothing",
  });
});

test("a plan names what stops it", async () => {
  await world.sql.query(`CREATE TABLE notes (id int PRIMARY KEY, run_id uuid REFERENCES runs(id))`);
  await world.sql.query(`CREATE TABLE runs_archive (id uuid PRIMARY KEY, tenant_id int)`);
  const { body, state } = await makePlan(archiveInput(world, "archive"), ACTOR);
  expect(state).toBe("blocked");
  const stops = body.risks.filter(({ severity }) => severity === "stop");
  expect(stops.map(({ key }) => key).sort()).toEqual(["archiveDrift", "incomingForeignKey"]);
  expect(stops.find(({ key }) => key === "incomingForeignKey")?.details.child).toBe("public.notes");
  expect(stops.find(({ key }) => key === "archiveDrift")?.fix?.join(" ")).toContain("ADD COLUMN");
});

test("pauses, takes a new throttle, resumes, is cancelled: nothing is half-done", async () => {
  const operationId = await plan(archiveInput(world, "cold"), { batchRows: 10, restRatio: 0.9 });
  const first = run(operationId, {
    afterSave: (saved) => (saved === 4 ? pauseOperation(operationId, ACTOR) : undefined),
  });
  expect(await first).toBe("paused");
  expect(lost(original, await hotRows(world), await coldRows(world))).toEqual([]);
  await setThrottle(operationId, throttleSchema.parse({ batchRows: 10 }), ACTOR);
  await resumeOperation(operationId, ACTOR);
  const second = run(operationId, {
    afterSave: (saved) => (saved === 2 ? cancelOperation(operationId, ACTOR) : undefined),
  });
  expect(await second).toBe("cancelled");
  expect(joined(await hotRows(world), await coldRows(world))).toEqual(original);
  expect((await operationRow(operationId)).throttle).toMatchObject({ restRatio: 0 });
});

test("a paused one is brought to a clean end when cancelled", async () => {
  const operationId = await plan(archiveInput(world, "cold"), { batchRows: 10 });
  expect(
    await run(operationId, {
      beforeSave: (saved) => (saved === 4 ? pauseOperation(operationId, ACTOR) : undefined),
    }),
  ).toBe("paused");
  await cancelOperation(operationId, ACTOR);
  expect(await run(operationId)).toBe("cancelled");
  expect(joined(await hotRows(world), await coldRows(world))).toEqual(original);
});

test("pause and cancel take effect within two seconds while it rests", async () => {
  const operationId = await plan(archiveInput(world, "archive"), {
    batchRows: 10,
    restRatio: 0.97,
  });
  let asked = 0;
  const state = await run(operationId, {
    afterSave: (saved) => {
      if (saved !== 2) return;
      setTimeout(() => {
        asked = performance.now();
        void pauseOperation(operationId, ACTOR);
      }, 50);
    },
  });
  if (state === "paused") expect(performance.now() - asked).toBeLessThan(2_000);
  else expect(state).toBe("succeeded");
});

test("of two workers one works; who lost the fence has no further effect", async () => {
  const operationId = await plan(archiveInput(world, "cold"), { batchRows: 10 });
  let second: Promise<unknown> = Promise.resolve();
  const first = await run(operationId, {
    owner: "one",
    afterSave: async (saved) => {
      if (saved !== 5) return;
      expect(await run(operationId, { owner: "early" })).toBeNull();
      await expireLease(operationId);
      second = run(operationId, { owner: "two" });
      await new Promise((resolve) => setTimeout(resolve, 300));
    },
  });
  expect(first).toBe("lost");
  expect(await second).toBe("succeeded");
  expect(joined(await hotRows(world), await coldRows(world))).toEqual(original);
  const row = await operationRow(operationId);
  expect((row.proof as unknown as Proof).lines.map((line) => line.rows.target)).toEqual(["60", "120", "120"]);
});

test("operations on one store take turns", async () => {
  const archive = await plan(archiveInput(world, "archive"));
  const other = await db().dataset.create({
    data: {
      storeId: world.storeId,
      name: "other",
      schemaName: "public",
      tableName: "other",
      roles: {
        ...((await db().dataset.findUniqueOrThrow({ where: { id: world.datasetId } })).roles as object),
        text: [],
        tenant: null,
        status: null,
      },
    },
  });
  await world.sql.query("CREATE TABLE other (id int PRIMARY KEY, created_at timestamp)");
  const vacuum = await plan({
    kind: "optimize",
    params: { datasetId: other.id, tier: "hot", action: { kind: "analyze" } },
  });
  let inside: unknown;
  await run(archive, {
    afterSave: async (saved) => {
      if (saved === 2) inside = await run(vacuum);
    },
  });
  expect(inside).toBeNull();
  expect(await run(vacuum)).toBe("succeeded");
});

test("rows that change, come late or get children meanwhile stay hot or move whole", async () => {
  const operationId = await plan(archiveInput(world, "cold"), { batchRows: 10 });
  const state = await run(operationId, {
    beforeSave: async (saved) => {
      // Right after the first window was exported and before it is deleted.
      if (saved !== 4) return;
      await world.sql.query(`UPDATE runs SET status = 'late' WHERE id = md5('r3')::uuid`);
      await world.sql.query(`UPDATE logs SET line = 'changed' WHERE id = 51`);
      await world.sql.query(
        `INSERT INTO nodes VALUES (md5('new')::uuid, md5('r7')::uuid, 'new child', '{}', now())`,
      );
      await world.sql.query(
        `INSERT INTO runs VALUES (md5('backdated')::uuid, 1, 'ok', 'late', 1, '2026-01-02')`,
      );
      await world.sql.query(`DELETE FROM runs WHERE id = md5('r9')::uuid`);
    },
  });
  expect(state).toBe("succeeded");
  const [hot, cold] = [await hotRows(world), await coldRows(world)];
  const whole = joined(hot, cold);
  for (const name of ["runs", "nodes", "logs"] as const)
    expect(new Set(whole[name]).size).toBe(whole[name].length);
  expect(hot.runs.some((row) => row.includes("late"))).toBe(true);
  expect(hot.nodes.some((row) => row.includes("new child"))).toBe(true);
  expect(hot.logs.some((row) => row.includes("changed"))).toBe(true);
  // A family of which one row changed stays together.
  const keys = (rows: string[]) => rows.map((row) => row.split("|")[0]);
  const changed = await world.sql.query<{ id: string }>("SELECT md5('r3')::uuid::text AS id");
  expect(keys(hot.runs)).toContain(changed.rows[0]?.id);
  expect(keys(cold.runs)).not.toContain(changed.rows[0]?.id);
  const proof = (await operationRow(operationId)).proof as unknown as Proof;
  expect(proof.complete).toBe(true);
  const next = await plan(archiveInput(world, "cold"));
  expect(await run(next)).toBe("succeeded");
  expect((await hotRows(world)).runs).toHaveLength(60);
});

test("a target that refuses writes stops the operation with the reason, hot untouched", async () => {
  const operationId = await plan(archiveInput(world, "cold"));
  await rm(world.folder, { recursive: true });
  await writeFile(world.folder, "a file where the folder was");
  expect(await run(operationId)).toBe("failed");
  const row = await operationRow(operationId);
  expect((row.error as { message: string }).message.length).toBeGreaterThan(20);
  expect(await hotRows(world)).toEqual(original);
  await rm(world.folder);
  await mkdir(world.folder);
  await chmod(world.folder, 0o755);
  expect(await run(await plan(archiveInput(world, "cold")))).toBe("succeeded");
  expect(joined(await hotRows(world), await coldRows(world))).toEqual(original);
});

test("a delete that fails leaves each row in one tier", async () => {
  await world.sql.query(
    `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$`,
  );
  const operationId = await plan(archiveInput(world, "cold"));
  await world.sql.query("CREATE TRIGGER refuse BEFORE DELETE ON runs FOR EACH ROW EXECUTE FUNCTION refuse()");
  expect(await run(operationId)).toBe("failed");
  expect(joined(await hotRows(world), await coldRows(world))).toEqual(original);
});

test("waits while the database is away and goes on by itself", async () => {
  const operationId = await plan(archiveInput(world, "archive"), { batchRows: 10 });
  const config = (await db().store.findUniqueOrThrow({ where: { id: world.storeId } })).config as object;
  await db().store.update({ where: { id: world.storeId }, data: { config: { ...config, port: 1 } } });
  expect(await run(operationId)).toBe("waiting");
  const row = await operationRow(operationId);
  expect(row.waitingFor).toContain("store ");
  expect(row.leaseOwner).toBeNull();
  await db().store.update({ where: { id: world.storeId }, data: { config } });
  await expireLease(operationId);
  expect(await run(operationId)).toBe("succeeded");
  expect(joined(await hotRows(world), await archiveRows(world))).toEqual(original);
});

test("restore leaves conflicts where they are and names them", async () => {
  expect(await run(await plan(archiveInput(world, "cold")))).toBe("succeeded");
  await world.sql.query(`INSERT INTO runs VALUES (md5('r3')::uuid, 1, 'other', 'other', 1, '2026-01-02')`);
  const input = {
    kind: "restore",
    params: { datasetId: world.datasetId, from: "cold", range: { from: null, until: null } },
  } as const;
  const { body } = await makePlan(input, ACTOR);
  expect(body.conflicts).toHaveLength(1);
  const operationId = await plan(input);
  expect(await run(operationId)).toBe("partial");
  expect((await operationRow(operationId)).quarantine).toHaveLength(1);
  const cold = await coldRows(world);
  expect([cold.runs.length, cold.nodes.length, cold.logs.length]).toEqual([1, 2, 2]);
  expect((await hotRows(world)).runs).toHaveLength(120);
});

test("restores rows by key from either tier, with what hangs on them", async () => {
  const keys = ["r3", "r40"].map((name) => [name]);
  for (const [at, tier] of (["cold", "archive"] as const).entries()) {
    const operationId = await plan({ ...archiveInput(world, tier) });
    expect(await run(operationId)).toBe("succeeded");
    const ids = await world.sql.query<{ id: string }>(
      "SELECT md5(k)::uuid::text AS id FROM unnest($1::text[]) k",
      [keys.flat()],
    );
    const named = ids.rows.map(({ id }) => [id]);
    const restore = await plan({
      kind: "restore",
      params: { datasetId: world.datasetId, from: tier, keys: named },
    });
    expect(await run(restore)).toBe("succeeded");
    const hot = await hotRows(world);
    expect([hot.runs.length, hot.nodes.length, hot.logs.length]).toEqual([62, 124, 124]);
    const all = await plan({
      kind: "restore",
      params: { datasetId: world.datasetId, from: tier, range: { from: null, until: null } },
    });
    expect(await run(all)).toBe("succeeded");
    expect(await hotRows(world)).toEqual(original);
    expect(at).toBeLessThan(2);
  }
});
