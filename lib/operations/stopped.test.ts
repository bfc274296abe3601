import { renameSync, rmSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { cancelOperation } from "@/lib/operations/control";
import {
  ACTOR,
  archiveInput,
  archiveRows,
  coldRows,
  hotRows,
  joined,
  lost,
  openWorld,
  operationRow,
  plan,
  type Rows,
  run,
  TABLES,
  type World,
} from "@/lib/operations/testing";
import type { Proof } from "@/lib/schemas/operation";

/** What an operation leaves behind that did not come to its end. */
let world: World;
let original: Rows;

beforeEach(async () => {
  world = await openWorld(30);
  original = await hotRows(world);
});
afterEach(() => world.drop());

const BELOW_CUTOFF = { runs: 60, nodes: 120, logs: 120 };

const proofOf = async (operationId: string): Promise<Proof> =>
  (await operationRow(operationId)).proof as unknown as Proof;

/** Runs until so many checkpoints are saved, then it is cancelled. */
const cancelAt = (operationId: string, nth: number) =>
  run(operationId, {
    afterSave: (saved) => (saved === nth ? cancelOperation(operationId, ACTOR) : undefined),
  });

/** Both sides agree, their figure is what the colder tier holds, and the rest was counted where it is. */
async function expectHonest(proof: Proof, moved: Rows): Promise<void> {
  expect(proof.complete).toBe(false);
  expect(proof.lines.map(({ name, equal }) => [name, equal])).toEqual(TABLES.map((name) => [name, true]));
  expect(proof.lines.map(({ rows }) => Number(rows.target))).toEqual(
    TABLES.map((name) => moved[name].length),
  );
  expect(proof.left?.map(({ rows }) => Number(rows))).toEqual(
    TABLES.map((name) => BELOW_CUTOFF[name] - moved[name].length),
  );
  expect(proof.left?.map(({ planned }) => Number(planned))).toEqual(TABLES.map((name) => BELOW_CUTOFF[name]));
  expect(joined(await hotRows(world), moved)).toEqual(original);
}

test("cancelled on its way to the archive tables: what moved is proved, the rest is counted", async () => {
  const operationId = await plan(archiveInput(world, "archive"), { batchRows: 10 });
  expect(await cancelAt(operationId, 5)).toBe("cancelled");
  const moved = await archiveRows(world);
  expect(moved.runs.length).toBeGreaterThan(0);
  expect(moved.runs.length).toBeLessThan(60);
  const proof = await proofOf(operationId);
  expect(proof).toMatchObject({ ending: "cancelled", segments: [] });
  await expectHonest(proof, moved);
});

test("cancelled on its way to cold: the window under way is brought to its end and counts", async () => {
  const operationId = await plan(archiveInput(world, "cold"), { batchRows: 10 });
  expect(await cancelAt(operationId, 5)).toBe("cancelled");
  const moved = await coldRows(world);
  expect(moved.runs.length).toBeGreaterThan(0);
  expect(moved.runs.length).toBeLessThan(60);
  const proof = await proofOf(operationId);
  expect(proof.ending).toBe("cancelled");
  expect(proof.notes).toEqual([]);
  expect(proof.segments.length).toBe(proof.lines.length);
  await expectHonest(proof, moved);
});

test("cancelled before anything moved: the proof says none", async () => {
  const operationId = await plan(archiveInput(world, "cold"));
  expect(await cancelAt(operationId, 1)).toBe("cancelled");
  await expectHonest(await proofOf(operationId), { runs: [], nodes: [], logs: [] });
});

test("a batch that the archive table refuses fails the run: the batches before it are proved", async () => {
  const operationId = await plan(archiveInput(world, "archive"), { batchRows: 10 });
  const refuse = `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF NEW.created_at > '2026-02-05' THEN RAISE EXCEPTION 'not this one'; END IF; RETURN NEW; END $$;
    CREATE TRIGGER refuse BEFORE INSERT ON runs_archive FOR EACH ROW EXECUTE FUNCTION refuse()`;
  const state = await run(operationId, {
    afterSave: async (saved) => {
      if (saved === 3) await world.sql.query(refuse);
    },
  });
  expect(state).toBe("failed");
  const moved = await archiveRows(world);
  expect(moved.runs.length).toBeGreaterThan(0);
  const proof = await proofOf(operationId);
  expect(proof.ending).toBe("failed");
  await expectHonest(proof, moved);
});

test("a target that is lost in mid-run: what was deleted is proved, what is unsettled is said", async () => {
  const operationId = await plan(archiveInput(world, "cold"), { batchRows: 10 });
  const away = `${world.folder}-away`;
  const state = await run(operationId, {
    afterSave: (saved) => {
      if (saved !== 7) return;
      renameSync(world.folder, away);
      writeFileSync(world.folder, "a file where the folder was");
    },
  });
  expect(state).toBe("failed");
  rmSync(world.folder);
  renameSync(away, world.folder);
  const proof = await proofOf(operationId);
  expect(proof).toMatchObject({ ending: "failed", complete: false, notes: ["unsettled"] });
  expect(proof.lines.every(({ equal }) => equal)).toBe(true);
  const [hot, cold] = [await hotRows(world), await coldRows(world)];
  expect(lost(original, hot, cold)).toEqual([]);
  const stillHot = TABLES.map((name) => hot[name].length - (original[name].length - BELOW_CUTOFF[name]));
  expect(proof.left?.map(({ rows }) => Number(rows))).toEqual(stillHot);
  expect(await run(await plan(archiveInput(world, "cold")))).toBe("succeeded");
  expect(joined(await hotRows(world), await coldRows(world))).toEqual(original);
});

test("a restore that is cancelled proves what came back", async () => {
  expect(await run(await plan(archiveInput(world, "archive")))).toBe("succeeded");
  const range = { from: null, until: null };
  const params = { datasetId: world.datasetId, from: "archive" as const, range };
  const operationId = await plan({ kind: "restore", params }, { batchRows: 10 });
  expect(await cancelAt(operationId, 1)).toBe("cancelled");
  const proof = await proofOf(operationId);
  const back = BELOW_CUTOFF.runs - (await archiveRows(world)).runs.length;
  expect(proof).toMatchObject({ ending: "cancelled", complete: false, notes: [] });
  expect(proof.lines[0]).toMatchObject({ equal: true, rows: { source: `${back}`, target: `${back}` } });
  expect(proof.facts).toContainEqual({ key: "plannedRows", after: expect.any(String) });
  expect(joined(await hotRows(world), await archiveRows(world))).toEqual(original);
});
