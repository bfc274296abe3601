import { rm } from "node:fs/promises";
import { join } from "node:path";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { db } from "@/lib/control/database";
import { env } from "@/lib/env";
import {
  CUTOFF,
  coldRows,
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
import { searchInputSchema } from "@/lib/schemas/search";
import { searchDatasets, searchPage } from "@/lib/search/search";
import { rebuildCatalogue } from "@/lib/segments/catalogue";
import { addBucket, type TestBucket, testBucket } from "@/lib/stores/s3/testing";
import type { ObjectAccess } from "@/lib/stores/store";
import { testServer } from "@/lib/stores/testing/servers";

const signal = () => AbortSignal.timeout(60_000);

for (const name of ["minio", "versitygw"]) {
  const server = testServer(name);
  describe.skipIf(!server)(`a cold tier on ${name}`, () => {
    let world: World;
    let bucket: TestBucket;
    let bucketId: string;
    let objects: ObjectAccess;
    let original: Rows;

    beforeAll(async () => {
      world = await openWorld(10);
      original = await hotRows(world);
    });
    afterAll(() => world.drop());
    beforeEach(async () => {
      if (!server) return;
      bucket = await testBucket(server, "strata");
      bucketId = await addBucket(bucket, `bucket of ${bucket.config.bucket}`);
      const opened = bucket.open().objects;
      if (!opened) throw new Error("no objects");
      objects = opened;
    });
    afterEach(() => bucket.remove());

    const archive = async () => {
      const target = { tier: "cold", storeId: bucketId } as const;
      const params = { datasetId: world.datasetId, cutoff: { at: CUTOFF }, target };
      return plan({ kind: "archive", params });
    };
    const restore = () =>
      plan({
        kind: "restore",
        params: { datasetId: world.datasetId, from: "cold", range: { from: null, until: null } },
      });
    const keys = async (ending: string) => {
      const found: string[] = [];
      for await (const { key } of objects.list("", signal())) if (key.endsWith(ending)) found.push(key);
      return found;
    };
    const search = (q: string) =>
      searchPage(searchInputSchema.parse({ q, datasetIds: [world.datasetId], tiers: ["cold"] }), signal());

    /** Segments that a search could not read and says so. */
    const missingInSearch = async () => {
      const input = searchInputSchema.parse({ q: "问题", datasetIds: [world.datasetId], tiers: ["cold"] });
      let missing = 0;
      for await (const event of searchDatasets(input, signal()))
        if (event.type === "tier") missing = Math.max(missing, event.missing);
      return missing;
    };

    test("takes an archive, proves it, is searched, and gives everything back", async () => {
      const archived = await archive();
      expect(await run(archived)).toBe("succeeded");
      const proof = (await operationRow(archived)).proof as unknown as Proof;
      expect(proof.lines.map(({ rows, equal }) => [rows.source, rows.target, equal])).toEqual([
        ["20", "20", true],
        ["40", "40", true],
        ["40", "40", true],
      ]);
      expect((await coldRows(world)).runs).toHaveLength(20);
      expect(lost(original, await hotRows(world), await coldRows(world))).toEqual([]);
      const found = await search("问题 7");
      expect(found.failures).toEqual([]);
      expect(found.rows.length).toBeGreaterThan(0);
      expect(new Set(found.rows.map((row) => row.tier))).toEqual(new Set(["cold"]));
      expect(await run(await restore())).toBe("succeeded");
      expect(await hotRows(world)).toEqual(original);
      expect(joined(await coldRows(world))).toEqual({ runs: [], nodes: [], logs: [] });
      expect(await keys("")).toEqual([]);
    }, 60_000);

    test("offers its own actions for the dataset's objects, each with a plan", async () => {
      expect(await run(await archive())).toBe("succeeded");
      const optimize = (kind: string) =>
        plan({ kind: "optimize", params: { datasetId: world.datasetId, tier: "cold", action: { kind } } });
      expect(await run(await optimize("abortUploads"))).toBe("succeeded");
      if (name === "minio") {
        const operationId = await optimize("abortRule");
        // MinIO takes back uploads by itself and knows no rule for it.
        expect(await run(operationId)).toBe("failed");
        expect((await operationRow(operationId)).error).toMatchObject({ key: "s3.ruleRefused" });
      } else await expect(optimize("abortRule")).rejects.toMatchObject({ key: "optimizeNotOffered" });
      await expect(optimize("vacuum")).rejects.toMatchObject({ key: "optimizeNotOffered" });
      expect(await run(await restore())).toBe("succeeded");
    }, 60_000);

    test("with a segment that is cut short or gone serves the rest, says so, and deletes nothing", async () => {
      expect(await run(await archive())).toBe("succeeded");
      const before = await hotRows(world);
      const [first = "", ...others] = (await keys(".parquet")).filter((key) => key.includes("dataset=runs/"));
      const whole = Buffer.concat(await (await objects.get(first, null, signal())).toArray());
      const overwrite = (Body: Uint8Array) =>
        bucket.client.send(
          new PutObjectCommand({ Bucket: bucket.config.bucket, Key: `strata/${first}`, Body }),
        );

      await overwrite(whole.subarray(0, whole.length - 100));
      // A copy that matches by SHA-256 would still serve.
      await rm(join(env().STRATA_DATA, "cache", "objects"), { recursive: true });
      await expect(restore()).rejects.toMatchObject({ code: "corrupt", key: "segmentCorrupt" });
      expect(await missingInSearch()).toBe(1);

      await objects.delete(first, signal());
      await expect(restore()).rejects.toMatchObject({ code: "not_found", key: "segmentMissing" });
      expect(await missingInSearch()).toBe(1);
      expect(await hotRows(world)).toEqual(before);
      const { differences } = await rebuildCatalogue(bucketId, objects, signal());
      expect(differences).toMatchObject([{ kind: "missingObject", key: first }]);
      expect(others.length + 1).toBe(
        (await keys(".manifest.json")).filter((key) => key.includes("=runs/")).length,
      );

      await overwrite(whole);
      await rebuildCatalogue(bucketId, objects, signal());
      await db().segment.updateMany({ data: { missingSince: null } });
      expect(await run(await restore())).toBe("succeeded");
      expect(await hotRows(world)).toEqual(original);
    }, 60_000);
  });
}
