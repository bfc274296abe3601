import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { db } from "@/lib/control/database";
import { encrypt } from "@/lib/control/secret";
import { makePlan } from "@/lib/operations/plans";
import {
  ACTOR,
  coldRows,
  crashAt,
  expireLease,
  hotRows,
  lost,
  openWorld,
  operationRow,
  plan,
  type Rows,
  run,
  type World,
} from "@/lib/operations/testing";
import type { Proof } from "@/lib/schemas/operation";
import type { PlanInput } from "@/lib/schemas/plan";
import { compareCatalogue } from "@/lib/segments/catalogue";
import { openStore } from "@/lib/stores/open";
import { addBucket, type TestBucket, testBucket } from "@/lib/stores/s3/testing";
import { temporaryKeys } from "@/lib/stores/s3/testing-keys";
import { testServer } from "@/lib/stores/testing/servers";

const server = testServer("minio");
const signal = () => AbortSignal.timeout(60_000);

describe.skipIf(!server)("a cold tier that moves between a folder and a bucket", () => {
  let world: World;
  let bucket: TestBucket;
  let bucketId: string;
  let original: Rows;
  let cold: Rows;

  beforeAll(async () => {
    if (!server) return;
    world = await openWorld(10);
    bucket = await testBucket(server, "strata");
    bucketId = await addBucket(bucket);
    original = await hotRows(world);
    expect(await run(await plan({ kind: "archive", params: archiveParams() }))).toBe("succeeded");
    cold = await coldRows(world);
    expect(cold.runs).toHaveLength(10);
  }, 60_000);
  afterAll(async () => {
    await bucket?.remove();
    await world?.drop();
  });

  const archiveParams = () => {
    const target = { tier: "cold", storeId: world.folderId } as const;
    return { datasetId: world.datasetId, cutoff: { at: "2026-02-01T00:00:00.000Z" }, target };
  };
  const input = (from: string, to: string): PlanInput => ({
    kind: "relocate",
    params: { datasetId: world.datasetId, from, to },
  });
  const keysIn = async (storeId: string) => {
    const { objects } = await openStore(storeId, "read");
    const keys: string[] = [];
    for await (const { key } of objects?.list("", signal()) ?? []) keys.push(key);
    return keys;
  };
  /** Where the catalogue has the segments, and whether the store agrees. */
  const agrees = async (storeId: string) => {
    const { objects } = await openStore(storeId, "read");
    if (!objects) throw new Error("no objects");
    return compareCatalogue(storeId, objects, signal());
  };

  test("a plan says what would move, and a second one when nothing is left", async () => {
    const made = await makePlan(input(world.folderId, bucketId), ACTOR);
    expect(made.body).toMatchObject({
      rowCount: 50,
      storeName: "cold",
      targetName: "bucket",
      undo: { key: "undoRelocate" },
    });
    expect(made.body.members.map(({ name, rowCount }) => [name, rowCount])).toEqual([
      ["runs", 10],
      ["nodes", 20],
      ["logs", 20],
    ]);
    expect(made.confirm).toBe("runs");
    await expect(makePlan(input(bucketId, world.folderId), ACTOR)).rejects.toMatchObject({
      key: "relocateNothing",
    });
    await expect(makePlan(input(bucketId, bucketId), ACTOR)).rejects.toMatchObject({
      key: "relocateSameStore",
    });
    await db().store.update({ where: { id: bucketId }, data: { writesEnabled: false } });
    const blocked = await makePlan(input(world.folderId, bucketId), ACTOR);
    expect(blocked).toMatchObject({ state: "blocked", body: { risks: [{ key: "writesDisabled" }] } });
    await db().store.update({ where: { id: bucketId }, data: { writesEnabled: true } });
  });

  test.each(["beforeSave", "afterSave"] as const)(
    "stopped at every checkpoint (%s), loses nothing and ends the same",
    async (hook) => {
      const total = (await keysIn(world.folderId)).length;
      let [from, to] = [world.folderId, bucketId];
      for (let nth = 1; ; nth += 1) {
        const operationId = await plan(input(from, to));
        const crashed = await crashAt(operationId, nth, hook);
        expect(lost(cold, await coldRows(world))).toEqual([]);
        if (crashed) expect(await run(operationId)).toBe("succeeded");
        expect(await coldRows(world)).toEqual(cold);
        expect(await keysIn(from)).toEqual([]);
        expect(await keysIn(to)).toHaveLength(total);
        expect(await agrees(to)).toMatchObject({ differences: [] });
        const row = await operationRow(operationId);
        const proof = row.proof as unknown as Proof;
        expect(proof.lines.map(({ rows, equal }) => [rows.source, rows.target, equal])).toEqual([
          ["10", "10", true],
          ["20", "20", true],
          ["20", "20", true],
        ]);
        const { coldStoreId } = await db().dataset.findUniqueOrThrow({ where: { id: world.datasetId } });
        expect(coldStoreId).toBe(to);
        [from, to] = [to, from];
        if (!crashed) break;
        expect(nth).toBeLessThan(60);
      }
      if (from !== world.folderId) expect(await run(await plan(input(from, to)))).toBe("succeeded");
    },
    240_000,
  );

  test.each([1, 4, 9, 14, 100])(
    "cancelled after checkpoint %i, each segment is in one store",
    async (nth) => {
      const operationId = await plan(input(world.folderId, bucketId));
      const before = await keysIn(world.folderId);
      const cancel = async (saved: number) => {
        if (saved === nth)
          await db().operation.update({ where: { id: operationId }, data: { wanted: "cancel" } });
      };
      const state = await run(operationId, { afterSave: cancel });
      expect((await operationRow(operationId)).error).toBeNull();
      expect(["cancelled", "succeeded"]).toContain(state);
      expect(await coldRows(world)).toEqual(cold);
      const [inFolder, inBucket] = [await keysIn(world.folderId), await keysIn(bucketId)];
      expect([...inFolder, ...inBucket].sort()).toEqual([...before].sort());
      if (inBucket.length > 0)
        expect(await run(await plan(input(bucketId, world.folderId)))).toBe("succeeded");
      expect(await keysIn(world.folderId)).toEqual(before);
    },
    60_000,
  );

  test("a segment that is damaged stops it; nothing is deleted and no half copy stays", async () => {
    const { objects } = await openStore(world.folderId, "write");
    const key = (await keysIn(world.folderId)).findLast((name) => name.endsWith(".parquet")) ?? "";
    const whole = Buffer.concat((await (await objects?.get(key, null, signal()))?.toArray()) ?? []);
    await objects?.delete(key, signal());
    await objects?.put(key, whole.subarray(0, 100), signal());
    const before = await keysIn(world.folderId);
    const operationId = await plan(input(world.folderId, bucketId));
    expect(await run(operationId)).toBe("failed");
    expect((await operationRow(operationId)).error).toMatchObject({ code: "corrupt" });
    expect(await keysIn(world.folderId)).toEqual(before);
    expect(await keysIn(bucketId)).toEqual([]);
    await objects?.delete(key, signal());
    await objects?.put(key, whole, signal());
    expect(await agrees(world.folderId)).toMatchObject({ differences: [] });
  });

  test("a bucket that is away is waited for, and the move goes on where it was", async () => {
    const operationId = await plan(input(world.folderId, bucketId));
    const config = {
      ...((await db().store.findUniqueOrThrow({ where: { id: bucketId } })).config as object),
    };
    await db().store.update({
      where: { id: bucketId },
      data: { config: { ...config, endpoint: "http://127.0.0.1:9" } },
    });
    expect(await run(operationId)).toBe("waiting");
    await db().store.update({ where: { id: bucketId }, data: { config } });
    await expireLease(operationId);
    expect(await run(operationId)).toBe("succeeded");
    expect(await coldRows(world)).toEqual(cold);
  });

  test("old copies that may not be deleted are named, and are nobody's any more", async () => {
    if (!server) return;
    const row = await db().store.findUniqueOrThrow({ where: { id: bucketId } });
    const arn = `arn:aws:s3:::${bucket.config.bucket}`;
    const Action = ["s3:ListBucket", "s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload"];
    const Statement = [{ Effect: "Allow", Action, Resource: [arn, `${arn}/*`] }];
    const keys = await temporaryKeys(server, { Version: "2012-10-17", Statement });
    const { accessKey, ...secrets } = keys;
    const data = {
      config: { ...(row.config as object), accessKey },
      secretCipher: encrypt(JSON.stringify({ ...secrets, proxyPassword: "" }), bucketId),
    };
    await db().store.update({ where: { id: bucketId }, data });
    const before = await keysIn(bucketId);
    const operationId = await plan(input(bucketId, world.folderId));
    expect(await run(operationId)).toBe("partial");
    const ended = await operationRow(operationId);
    expect(ended.quarantine.length).toBe(before.filter((key) => key.endsWith(".parquet")).length);
    expect(ended.proof).toMatchObject({ complete: true, notes: ["oldCopiesStay"] });
    expect(await coldRows(world)).toEqual(cold);
    expect(await keysIn(world.folderId)).toEqual(before);
    const { differences } = await agrees(bucketId);
    expect(new Set(differences.map(({ kind }) => kind))).toEqual(new Set(["copyOfOther"]));
    // With the right again, they are found and taken for what they are when the tier moves back.
    const { config, secretCipher } = row;
    await db().store.update({ where: { id: bucketId }, data: { config: config ?? {}, secretCipher } });
    expect(await run(await plan(input(world.folderId, bucketId)))).toBe("succeeded");
    expect(await coldRows(world)).toEqual(cold);
  }, 60_000);

  test("what was moved is restored from where it is", async () => {
    const range = { from: null, until: null };
    const params = { datasetId: world.datasetId, from: "cold", range } as const;
    expect(await run(await plan({ kind: "restore", params }))).toBe("succeeded");
    expect(await hotRows(world)).toEqual(original);
    expect(await keysIn(bucketId)).toEqual([]);
  });
});
