import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { db } from "@/lib/control/database";
import { encrypt } from "@/lib/control/secret";
import { type TestControl, testControl } from "@/lib/control/testing";
import { noRoles } from "@/lib/datasets/roles";
import { stopQueue } from "@/lib/jobs/queue";
import { coldSegments } from "@/lib/operations/cold-rows";
import { makePlan } from "@/lib/operations/plans";
import { ACTOR, CUTOFF, crashAt, operationRow, plan, run } from "@/lib/operations/testing";
import type { Proof } from "@/lib/schemas/operation";
import type { PlanInput } from "@/lib/schemas/plan";
import { searchPage } from "@/lib/search/search";
import { readSegment } from "@/lib/segments/read";
import { type TestProject, testProject } from "@/lib/stores/logstore/testing/project";
import { closeStores, openStore } from "@/lib/stores/open";
import { vectorText } from "@/lib/stores/text-form";

/** The whole way of a logstore's rows: archived while they stay, found once, changed, expired, restored. */

let control: TestControl;
let project: TestProject;
let folder: string;
let folderId: string;
let storeId: string;
let datasetId: string;
let version = 1_767_225_600_000_000_000n;

const PER_MONTH = 10;
const signal = () => AbortSignal.timeout(20_000);

/** A version of a run, as Dify saves it: first running, then finished. */
async function save(id: string, createdAt: string, outputs: string): Promise<void> {
  for (const finished of ["", `${createdAt.slice(0, 17)}59`]) {
    version += 1n;
    await project.sql(
      `INSERT INTO workflow_runs (id, tenant_id, status, outputs, created_at, finished_at, total_tokens, log_version)
       VALUES ($1, 't1', $2, $3, $4, $5, 7, $6)`,
      [
        id,
        finished ? "succeeded" : "running",
        finished ? outputs : "",
        createdAt,
        finished,
        version.toString(),
      ],
    );
  }
}

const month = (number: number, day: number): string =>
  `2026-0${number}-${String(day).padStart(2, "0")}T10:00:00.000${day % 10}00`;

beforeAll(async () => {
  control = await testControl();
  project = await testProject();
  folder = mkdtempSync(join(tmpdir(), "strata-logstore-"));
  await project.sql(`CREATE TABLE workflow_runs (id text, tenant_id text, status text, outputs text, created_at text,
    finished_at text, total_tokens bigint, log_version bigint)`);
  for (let number = 1; number <= 4; number += 1)
    for (let day = 1; day <= PER_MONTH; day += 1)
      await save(`run-${number}-${day}`, month(number, day), `回答 answer ${number}-${day}.`);
  const { accessKeySecret, ...config } = project.config;
  const store = await db().store.create({
    data: { name: "sls", kind: "logstore", config, writesEnabled: false },
  });
  const secretCipher = encrypt(JSON.stringify({ accessKeySecret }), store.id);
  await db().store.update({ where: { id: store.id }, data: { secretCipher } });
  storeId = store.id;
  const cold = await db().store.create({
    data: { name: "cold", kind: "folder", config: { path: folder }, writesEnabled: true },
  });
  folderId = cold.id;
  const roles = {
    ...noRoles(),
    key: ["id"],
    time: { column: "created_at", unit: "timestamp" as const },
    tenant: "tenant_id",
    status: "status",
    text: ["outputs"],
  };
  const dataset = await db().dataset.create({
    data: { storeId, name: "runs", schemaName: "public", tableName: "workflow_runs", roles },
  });
  datasetId = dataset.id;
}, 60_000);

afterAll(async () => {
  await closeStores();
  await stopQueue(0);
  await project.drop();
  await control.drop();
  rmSync(folder, { recursive: true, force: true });
});

const archive = (): PlanInput => ({
  kind: "archive",
  params: { datasetId, cutoff: { at: CUTOFF }, target: { tier: "cold", storeId: folderId } },
});
const proofOf = async (operationId: string) => (await operationRow(operationId)).proof as unknown as Proof;

/** Rows that the segments own: id and version, sorted. */
async function owned(): Promise<string[]> {
  const { objects } = await openStore(folderId, "read");
  if (!objects) throw new Error("no objects");
  const rows: string[] = [];
  for (const { manifest } of await coldSegments(datasetId))
    for await (const batch of readSegment(objects, manifest, { columns: ["id", "outputs"] }, signal()))
      for (let row = 0; row < batch.rowCount; row += 1)
        rows.push(batch.vectors.map((vector) => vectorText(vector, row)).join(" "));
  return rows.sort();
}

async function found(q: string, tiers?: ("hot" | "cold")[]) {
  const { rows, failures } = await searchPage({ q, datasetIds: [datasetId], limit: 100, tiers }, signal());
  expect(failures).toEqual([]);
  return rows;
}

test("the plan says that rows stay, and asks for no right to write", async () => {
  const { body, state } = await makePlan(archive(), ACTOR);
  expect(state).toBe("ready");
  expect(body.risks.map(({ key }) => key)).toEqual(["staysUntilExpiry", "nullTimes"]);
  expect(body).toMatchObject({ exact: true, rowCount: 20, space: { reusableBytes: 0 } });
  expect(body.statements.join()).not.toMatch(/DELETE/);
  const table = { ...archive(), params: { datasetId, cutoff: { at: CUTOFF }, target: { tier: "archive" } } };
  const other = await makePlan(table as PlanInput, ACTOR);
  expect(other.state).toBe("blocked");
});

test("rows are copied and proved, stay, and are found once", async () => {
  const operationId = await plan(archive());
  expect(await run(operationId)).toBe("succeeded");
  const proof = await proofOf(operationId);
  expect(proof).toMatchObject({ complete: true, kept: [], notes: ["alsoHot"] });
  expect(proof.lines[0]).toMatchObject({ equal: true, rows: { source: "20", target: "20" } });
  expect(proof.facts).toContainEqual({ key: "stayUntilExpiry", after: "20" });
  expect(await owned()).toHaveLength(20);
  const all = await found("回答");
  expect(all).toHaveLength(40);
  expect(new Set(all.map(({ key }) => key[0])).size).toBe(40);
  expect(all.every(({ tier }) => tier === "hot")).toBe(true);
  expect(await found("回答", ["cold"])).toHaveLength(20);
  expect(all.map(({ at }) => at)).toEqual(
    all
      .map(({ at }) => at)
      .sort()
      .reverse(),
  );
});

test("the next run writes what is new or has changed, and only that", async () => {
  await save("run-1-3", month(1, 3), "回答 corrected");
  await save("late", month(2, 5), "回答 late");
  // Its segment still holds the row as it was: the newest version decides what is found.
  expect(await found('"answer 1-3."')).toEqual([]);
  const operationId = await plan(archive());
  expect(await run(operationId)).toBe("succeeded");
  expect((await proofOf(operationId)).lines[0]?.rows).toEqual({ source: "2", target: "2" });
  const cold = await owned();
  expect(cold).toHaveLength(21);
  expect(cold.filter((row) => row.startsWith("run-1-3 "))).toEqual(["run-1-3 回答 corrected"]);
  expect(await found('"answer 1-3."', ["cold"])).toEqual([]);
  expect(await found("corrected")).toHaveLength(1);
});

test("a run with nothing new writes nothing", async () => {
  const before = (await coldSegments(datasetId)).length;
  const operationId = await plan(archive());
  expect(await run(operationId)).toBe("succeeded");
  expect((await proofOf(operationId)).lines[0]?.rows).toEqual({ source: "0", target: "0" });
  expect(await coldSegments(datasetId)).toHaveLength(before);
});

test.each([
  ["beforeSave", 1],
  ["afterSave", 2],
] as const)(
  "stopped at every other checkpoint (%s), it ends as if it never was",
  async (hook, first) => {
    for (let nth = first as number; ; nth += 2) {
      await save("run-2-1", month(2, 1), `回答 ${hook} ${nth}`);
      const operationId = await plan(archive());
      const crashed = await crashAt(operationId, nth, hook);
      if (crashed) expect(await run(operationId)).toBe("succeeded");
      const cold = await owned();
      expect(cold).toHaveLength(21);
      expect(cold).toContain(`run-2-1 回答 ${hook} ${nth}`);
      if (!crashed) break;
      expect(nth).toBeLessThan(30);
    }
  },
  60_000,
);

test("what has expired is found in its segments, and comes back by appending", async () => {
  await project.sql("DELETE FROM workflow_runs WHERE created_at < $1", [CUTOFF]); // the time to live
  const rows = await found("回答");
  expect(rows).toHaveLength(41);
  expect(rows.filter(({ tier }) => tier === "cold")).toHaveLength(21);
  const input: PlanInput = {
    kind: "restore",
    params: { datasetId, from: "cold", range: { from: null, until: "2026-02-01T00:00:00.000Z" } },
  };
  expect((await makePlan(input, ACTOR)).state).toBe("blocked");
  await db().store.update({ where: { id: storeId }, data: { writesEnabled: true } });
  const operationId = await plan(input);
  expect(await run(operationId)).toBe("succeeded");
  expect((await proofOf(operationId)).lines[0]).toMatchObject({
    equal: true,
    rows: { source: "10", target: "10" },
  });
  const again = await plan(input);
  expect(await run(again)).toBe("succeeded");
  const hot = await project.sql("SELECT id FROM workflow_runs WHERE created_at < '2026-02-01'");
  expect(hot).toHaveLength(10);
  expect(await owned()).toHaveLength(21);
  expect(await found("回答")).toHaveLength(41);
  expect((await found("corrected"))[0]?.tier).toBe("hot");
});

test("both tiers are counted exactly", async () => {
  const operationId = await plan({ kind: "count", params: { datasetId } });
  expect(await run(operationId)).toBe("succeeded");
  const facts = new Map((await proofOf(operationId)).facts.map(({ key, after }) => [key, after]));
  expect([facts.get("hotRows"), facts.get("coldRows")]).toEqual(["30", "21"]);
});
