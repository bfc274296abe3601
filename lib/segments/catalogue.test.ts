import { rm, truncate } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { db } from "@/lib/control/database";
import { type TestControl, testControl } from "@/lib/control/testing";
import { compareCatalogue, rebuildCatalogue, recordRetired, recordSegment } from "@/lib/segments/catalogue";
import { commitSegment } from "@/lib/segments/commit";
import { openScratch, type Scratch, writeSample } from "@/lib/segments/fixture";
import { keysOfParquet } from "@/lib/segments/key";

const signal = AbortSignal.timeout(60_000);
let control: TestControl;
let scratch: Scratch;
let storeId: string;
let datasetId: string;

beforeAll(async () => {
  control = await testControl();
});
afterAll(() => control?.drop());
beforeEach(async () => {
  scratch = await openScratch();
  await db().segment.deleteMany();
  await db().dataset.deleteMany();
  await db().store.deleteMany();
  storeId = (await db().store.create({ data: { name: "cold", kind: "folder", config: {} } })).id;
  const dataset = { storeId, name: "messages", schemaName: "public", tableName: "messages", roles: {} };
  datasetId = (await db().dataset.create({ data: dataset })).id;
});
afterEach(() => scratch.remove());

const commitSample = async (segmentId: string, dataset = "messages") => {
  const options = {
    segmentId,
    dataset: { name: dataset, store: "prod", schema: "public", table: "messages" },
  };
  return (await commitSegment(scratch.objects, await writeSample(scratch.scratchDir, 200, options), signal))
    .manifest;
};
const pathOf = (key: string) => scratch.objects.localPath(key) ?? "";
const kinds = async () =>
  (await compareCatalogue(storeId, scratch.objects, signal)).differences.map(({ kind }) => kind).sort();

test("a lost catalogue is rebuilt from the manifests alone", async () => {
  const manifests = [await commitSample("a"), await commitSample("b")];
  for (const manifest of manifests) await recordSegment(manifest, { storeId, datasetId });
  const before = await db().segment.findMany({ orderBy: { id: "asc" } });
  expect(before).toMatchObject([{ id: "a", rowCount: 200n, state: "committed" }, { id: "b" }]);
  expect(before[0]?.minTime?.toISOString()).toBe("2026-01-01T00:00:00.000Z");
  await db().segment.deleteMany();
  expect(await kinds()).toEqual(["unknownManifest", "unknownManifest"]);
  expect(await rebuildCatalogue(storeId, scratch.objects, signal)).toEqual({
    storeId,
    equal: 2,
    differences: [],
  });
  expect(await db().segment.findMany({ orderBy: { id: "asc" } })).toEqual(before);
});

test("every kind of difference is listed, and marked where a rebuild cannot mend it", async () => {
  const [gone, cut, changed, broken] = [
    await commitSample("gone"),
    await commitSample("cut"),
    await commitSample("changed"),
    await commitSample("broken"),
  ];
  const stranger = await commitSample("stranger", "elsewhere");
  for (const manifest of [gone, cut, changed]) await recordSegment(manifest, { storeId, datasetId });
  await rm(pathOf(keysOfParquet(gone.key).manifest));
  await truncate(pathOf(cut.key), 100);
  await db().segment.update({ where: { id: "changed" }, data: { sha256: "0".repeat(64) } });
  await truncate(pathOf(keysOfParquet(broken.key).manifest), 10);
  const { differences } = await compareCatalogue(storeId, scratch.objects, signal);
  expect(Object.fromEntries(differences.map(({ key, kind }) => [key, kind]))).toEqual({
    [gone.key]: "missingObject",
    [cut.key]: "missingObject",
    [changed.key]: "differentSha256",
    [keysOfParquet(broken.key).manifest]: "brokenManifest",
    [stranger.key]: "unknownDataset",
  });
  await rebuildCatalogue(storeId, scratch.objects, signal);
  expect(await kinds()).toEqual(["brokenManifest", "missingObject", "missingObject", "unknownDataset"]);
  const rows = await db().segment.findMany({ orderBy: { id: "asc" } });
  expect(rows.map(({ id, missingSince }) => [id, missingSince !== null])).toEqual([
    ["changed", false],
    ["cut", true],
    ["gone", true],
  ]);
});

test("a retired segment is no difference", async () => {
  const manifest = await commitSample("a");
  await recordSegment(manifest, { storeId, datasetId });
  await scratch.objects.delete(keysOfParquet(manifest.key).manifest, signal);
  await scratch.objects.delete(manifest.key, signal);
  expect(await kinds()).toEqual(["missingObject"]);
  await recordRetired("a");
  expect(await kinds()).toEqual([]);
});

test("a copy that a move left in another store is said to be one, and never taken for the segment", async () => {
  const manifest = await commitSample("a");
  const other = await db().store.create({ data: { name: "bucket", kind: "folder", config: {} } });
  await recordSegment(manifest, { storeId: other.id, datasetId });
  expect(await kinds()).toEqual(["copyOfOther"]);
  await rebuildCatalogue(storeId, scratch.objects, signal);
  expect(await db().segment.findMany()).toMatchObject([{ id: "a", storeId: other.id }]);
  await recordRetired("a");
  await rebuildCatalogue(storeId, scratch.objects, signal);
  expect(await db().segment.findMany()).toMatchObject([{ state: "retired", storeId: other.id }]);
  await db().segment.updateMany({ data: { state: "committed" } });
  // Gone from there, the copy is the segment.
  await db().segment.updateMany({ data: { missingSince: new Date() } });
  await rebuildCatalogue(storeId, scratch.objects, signal);
  expect(await db().segment.findMany()).toMatchObject([{ id: "a", storeId, missingSince: null }]);
});
