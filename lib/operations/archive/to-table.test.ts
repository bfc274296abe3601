import { afterAll, beforeAll, expect, test } from "vitest";
import { db } from "@/lib/control/database";
import { StoreError } from "@/lib/errors";
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
import { openStore } from "@/lib/stores/open";

let world: World;
let original: Rows;

beforeAll(async () => {
  world = await openWorld(30);
  original = await hotRows(world);
});
afterAll(() => world.drop());

const restoreAll = async (from: "archive" | "cold" = "archive") => {
  const range = { from: null, until: null };
  const params = { datasetId: world.datasetId, from, range };
  expect(await run(await plan({ kind: "restore", params }))).toBe("succeeded");
};

const startAnew = async () => {
  await world.sql.query("DROP TABLE IF EXISTS runs_archive, nodes_archive, logs_archive");
};

test("moves a family to its archive tables and proves it", async () => {
  const operationId = await plan(archiveInput(world, "archive"), { batchRows: 17 });
  expect(await run(operationId)).toBe("succeeded");
  const [hot, archive] = [await hotRows(world), await archiveRows(world)];
  expect(archive.runs).toHaveLength(60);
  expect(archive.nodes).toHaveLength(120);
  expect(archive.logs).toHaveLength(120);
  expect(joined(hot, archive)).toEqual(original);
  const row = await operationRow(operationId);
  expect(row.progress).toBe(1);
  const proof = row.proof as unknown as Proof;
  expect(proof.complete).toBe(true);
  expect(proof.lines.map((line) => [line.name, line.rows.target])).toEqual([
    ["runs", "60"],
    ["nodes", "120"],
    ["logs", "120"],
  ]);
  expect(await coldRows(world)).toEqual({ runs: [], nodes: [], logs: [] });
});

test("what a failed run left in hot and in a segment is not moved beside it", async () => {
  await restoreAll();
  const failed = await plan(archiveInput(world, "cold"), { batchRows: 10 });
  expect(await crashAt(failed, 5, "afterSave")).toBe(true);
  expect((await coldRows(world)).runs).not.toEqual([]);
  await db().operation.update({ where: { id: failed }, data: { state: "failed", endedAt: new Date() } });
  expect(await run(await plan(archiveInput(world, "archive")))).toBe("succeeded");
  const tiers = [await hotRows(world), await archiveRows(world), await coldRows(world)];
  expect(joined(...tiers)).toEqual(original);
  await restoreAll("cold");
  expect(await hotRows(world)).not.toEqual(original);
  expect(joined(await coldRows(world))).toEqual({ runs: [], nodes: [], logs: [] });
});

test("comes back from the archive tables by range, equal to what it was", async () => {
  const range = { from: null, until: null };
  const operationId = await plan({
    kind: "restore",
    params: { datasetId: world.datasetId, from: "archive", range },
  });
  expect(await run(operationId)).toBe("succeeded");
  expect(await hotRows(world)).toEqual(original);
  expect(joined(await archiveRows(world))).toEqual({ runs: [], nodes: [], logs: [] });
});

test("a batch whose answer was lost is in the proof all the same", async () => {
  const { rows } = await openStore(world.storeId, "write");
  const moveRows = rows?.moveRows;
  if (!rows || !moveRows) throw new Error("no rows");
  let calls = 0;
  rows.moveRows = async (...call) => {
    const moved = await moveRows(...call);
    calls += 1;
    if (calls === 2)
      throw new StoreError("timeout", "The server did not answer.", { key: "postgres.noAnswerInTime" });
    return moved;
  };
  const operationId = await plan(archiveInput(world, "archive"), { batchRows: 25 });
  expect(await run(operationId)).toBe("succeeded");
  rows.moveRows = moveRows;
  const proof = (await operationRow(operationId)).proof as unknown as Proof;
  expect(proof.lines.map((line) => line.rows.target)).toEqual(["60", "120", "120"]);
  expect(joined(await hotRows(world), await archiveRows(world))).toEqual(original);
  await restoreAll();
});

test.each(["beforeSave", "afterSave"] as const)(
  "stopped at every checkpoint (%s), loses nothing and ends the same",
  async (hook) => {
    for (let nth = 1; ; nth += 1) {
      await startAnew();
      const operationId = await plan(archiveInput(world, "archive"), { batchRows: 25 });
      const crashed = await crashAt(operationId, nth, hook);
      const [hot, archive] = [await hotRows(world), await archiveRows(world)];
      expect(lost(original, hot, archive)).toEqual([]);
      if (crashed) expect(await run(operationId)).toBe("succeeded");
      expect(joined(await hotRows(world), await archiveRows(world))).toEqual(original);
      const { proof } = await operationRow(operationId);
      expect((proof as unknown as Proof).lines.map((line) => line.rows.target)).toEqual(["60", "120", "120"]);
      await world.sql.query(
        "INSERT INTO runs SELECT * FROM runs_archive; INSERT INTO nodes SELECT * FROM nodes_archive; INSERT INTO logs SELECT * FROM logs_archive",
      );
      if (!crashed) break;
      expect(nth).toBeLessThan(40);
    }
  },
);
