import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { db } from "@/lib/control/database";
import {
  archiveInput,
  coldRows,
  hotRows,
  joined,
  openWorld,
  operationRow,
  plan,
  type Rows,
  run,
  type World,
} from "@/lib/operations/testing";
import type { PlanInput } from "@/lib/schemas/plan";
import { rebuildCatalogue } from "@/lib/segments/catalogue";
import { openStore } from "@/lib/stores/open";

/** What earlier operations left behind must neither be lost by a move nor come back by it. */
let world: World;
let original: Rows;
let other: string;
let otherId: string;

beforeEach(async () => {
  world = await openWorld(20);
  original = await hotRows(world);
  other = mkdtempSync(join(tmpdir(), "strata-other-"));
  const data = { name: "other", kind: "folder", config: { path: other }, writesEnabled: true };
  otherId = (await db().store.create({ data })).id;
});
afterEach(async () => {
  await world.drop();
  rmSync(other, { recursive: true, force: true });
});

const move = (from: string, to: string): PlanInput => ({
  kind: "relocate",
  params: { datasetId: world.datasetId, from, to },
});
const files = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith("."))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();

/** As if the old copies could not be deleted: they are there again after a move that succeeded. */
async function moveAndLeave(): Promise<void> {
  const kept = files(world.folder).map((path) => [path, readFileSync(path)] as const);
  expect(await run(await plan(move(world.folderId, otherId)))).toBe("succeeded");
  for (const [path, bytes] of kept) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
  }
}

test("a move back that is cancelled leaves the copies that were there: they may be all that is whole", async () => {
  expect(await run(await plan(archiveInput(world, "cold")))).toBe("succeeded");
  const cold = await coldRows(world);
  await moveAndLeave();
  const before = files(world.folder);
  for (const path of files(other).filter((name) => name.endsWith(".parquet"))) {
    const bytes = readFileSync(path);
    bytes.fill(0, 100, 150);
    writeFileSync(path, bytes);
  }
  for (const nth of [1, 2, 3, 5, 7]) {
    const operationId = await plan(move(otherId, world.folderId));
    const cancel = async (saved: number) => {
      if (saved === nth)
        await db().operation.update({ where: { id: operationId }, data: { wanted: "cancel" } });
    };
    expect(await run(operationId, { afterSave: cancel })).toBe("cancelled");
    expect(files(world.folder), `cancelled after checkpoint ${nth}`).toEqual(before);
  }
  expect(await run(await plan(move(otherId, world.folderId)))).toBe("succeeded");
  expect(await coldRows(world)).toEqual(cold);
});

test("an old copy of a segment that was retired since is not taken for a segment", async () => {
  expect(await run(await plan(archiveInput(world, "cold")))).toBe("succeeded");
  await moveAndLeave();
  const params = { datasetId: world.datasetId, from: "cold", range: { from: null, until: null } } as const;
  expect(await run(await plan({ kind: "restore", params }))).toBe("succeeded");
  const { objects } = await openStore(world.folderId, "read");
  if (!objects) throw new Error("no objects");
  await rebuildCatalogue(world.folderId, objects, AbortSignal.timeout(20_000));
  expect(await coldRows(world)).toEqual({ runs: [], nodes: [], logs: [] });
});

test("segments of an archive that ended half-way stay where the next archive looks for them", async () => {
  const archive = await plan(archiveInput(world, "cold"), { batchRows: 10 });
  const away = `${world.folder}-away`;
  let broken = false;
  const state = await run(archive, {
    afterSave: async () => {
      if (broken || !JSON.stringify((await operationRow(archive)).cursor).includes('"committed"')) return;
      broken = true;
      // Its rows cannot be deleted, nor given back: the folder is away.
      await world.sql.query(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$;
        CREATE TRIGGER refuse BEFORE DELETE ON runs FOR EACH ROW EXECUTE FUNCTION refuse()`);
      renameSync(world.folder, away);
      writeFileSync(world.folder, "a file where the folder was");
    },
  });
  expect(state).toBe("failed");
  await world.sql.query("DROP TRIGGER refuse ON runs");
  rmSync(world.folder);
  renameSync(away, world.folder);
  expect((await operationRow(archive)).proof).toMatchObject({ notes: ["unsettled"] });
  await expect(plan(move(world.folderId, otherId))).rejects.toMatchObject({ key: "relocateNothing" });
  expect(await run(await plan(archiveInput(world, "cold")))).toBe("succeeded");
  expect(joined(await hotRows(world), await coldRows(world))).toEqual(original);
  expect(await run(await plan(move(world.folderId, otherId)))).toBe("succeeded");
  expect(joined(await hotRows(world), await coldRows(world))).toEqual(original);
});
