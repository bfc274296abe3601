import { execFileSync } from "node:child_process";
import { mkdir, open, readdir, rm, stat, truncate } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { commitSegment, orphans, removeOrphans } from "@/lib/segments/commit";
import {
  bytes,
  COLUMNS,
  openScratch,
  type Scratch,
  sampleBatch,
  writerOptions,
  writeSample,
} from "@/lib/segments/fixture";
import { appendGone, goneRows, retireSegment } from "@/lib/segments/gone";
import { keysOfParquet } from "@/lib/segments/key";
import { readManifest } from "@/lib/segments/manifest";
import { readSegment } from "@/lib/segments/read";
import type { Manifest } from "@/lib/segments/segment";
import { verifySegment } from "@/lib/segments/verify";
import { createSegmentWriter } from "@/lib/segments/writer";

const signal = AbortSignal.timeout(120_000);
let scratch: Scratch;

beforeEach(async () => {
  scratch = await openScratch();
});
afterEach(() => scratch.remove());

const everyKey = async () => {
  const keys: string[] = [];
  for await (const { key } of scratch.objects.list("", signal)) keys.push(key);
  return keys;
};
const commitSample = async (rowCount = 3_000, changes = {}) =>
  (await commitSegment(scratch.objects, await writeSample(scratch.scratchDir, rowCount, changes), signal))
    .manifest;
const pathOf = (manifest: Manifest) => scratch.objects.localPath(manifest.key) ?? "";
const readAll = async (manifest: Manifest) => {
  const positions: number[] = [];
  for await (const batch of readSegment(scratch.objects, manifest, {}, signal))
    positions.push(...batch.positions);
  return positions;
};

test("a truncated, flipped or missing file is refused by name, at restore and at verify", async () => {
  const manifest = await commitSample();
  const path = pathOf(manifest);
  const refused = async (code: string) => {
    const named = { code, details: { key: manifest.key } };
    await expect(readAll(manifest)).rejects.toMatchObject(named);
    await expect(verifySegment(scratch.objects, manifest, signal)).rejects.toMatchObject(named);
  };
  for (const at of [100, Math.floor(manifest.sizeBytes / 2), manifest.sizeBytes - 20]) {
    const restore = await flip(path, at);
    await refused("corrupt");
    await restore();
  }
  expect(await readAll(manifest)).toHaveLength(3_000);
  await truncate(path, manifest.sizeBytes - 1);
  await refused("corrupt");
  await rm(path);
  await refused("not_found");
});

async function flip(path: string, at: number): Promise<() => Promise<void>> {
  const change = async () => {
    const file = await open(path, "r+");
    const byte = Buffer.alloc(1);
    await file.read(byte, 0, 1, at);
    byte[0] = (byte[0] ?? 0) ^ 16;
    await file.write(byte, 0, 1, at);
    await file.close();
  };
  await change();
  return change;
}

test("a row that does not match its digest is found although the bytes are right", async () => {
  const writer = await createSegmentWriter(writerOptions(scratch.scratchDir));
  const batch = sampleBatch(0, 100);
  const digests = batch.digests.map((digest, row) => (row === 57 ? Buffer.alloc(16, 7) : digest));
  await writer.append({ ...batch, digests });
  const commit = commitSegment(scratch.objects, await writer.finish(), signal);
  await expect(commit).rejects.toMatchObject({ code: "corrupt", details: { reason: "rowsDiffer" } });
  expect((await everyKey()).filter((key) => key.endsWith(".manifest.json"))).toEqual([]);
});

test("committing twice is harmless, other content under the same name is a conflict", async () => {
  const first = await commitSample();
  const again = await commitSample();
  expect(again).toEqual(first);
  await expect(commitSample(2_999)).rejects.toMatchObject({ code: "conflict", details: { key: first.key } });
  expect(await readManifest(scratch.objects, keysOfParquet(first.key).manifest, signal)).toEqual(first);
  expect(await readAll(first)).toHaveLength(3_000);
});

test("of two writers at one name one wins and the other is told", async () => {
  const [a, b] = await Promise.all([
    writeSample(join(scratch.scratchDir, "a"), 500),
    writeSample(join(scratch.scratchDir, "b"), 400),
  ]);
  const race = await Promise.allSettled(
    [a, b].map((written) => commitSegment(scratch.objects, written, signal)),
  );
  expect(race.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  const lost = race.find((result) => result.status === "rejected");
  expect(lost).toMatchObject({ reason: { code: "conflict" } });
});

test("a crash before the manifest leaves orphans, removed a day later unless leased", async () => {
  const manifest = await commitSample(100);
  const half = await writeSample(scratch.scratchDir, 50, { segmentId: "half" });
  await scratch.objects.put(half.manifest.key, bytes("half of it"), signal);
  expect((await orphans(scratch.objects, "", signal)).map(({ key }) => key)).toEqual([half.manifest.key]);
  const remove = (hours: number, leased: boolean) =>
    removeOrphans(
      scratch.objects,
      "store=prod/",
      { now: new Date(Date.now() + hours * 3600 * 1000), isLeased: () => leased },
      signal,
    );
  expect(await remove(1, false)).toEqual([]);
  expect(await remove(25, true)).toEqual([]);
  expect(await remove(25, false)).toEqual([half.manifest.key]);
  expect(await everyKey()).toEqual([keysOfParquet(manifest.key).manifest, manifest.key]);
});

test("rows that are gone are not read, and an empty segment retires", async () => {
  const manifest = await commitSample(10);
  const take = (rows: number[], reason: "restored" | "keptHot" = "restored") =>
    appendGone(scratch.objects, manifest, { rows, reason, operationId: "o" }, signal);
  await Promise.all([take([3]), take([4], "keptHot"), take([5, 5])]);
  await take([3, 4]);
  expect([...(await goneRows(scratch.objects, manifest, signal))].sort()).toEqual([3, 4, 5]);
  expect((await everyKey()).filter((key) => key.includes(".gone-"))).toHaveLength(3);
  expect(await readAll(manifest)).toEqual([0, 1, 2, 6, 7, 8, 9]);
  await expect(take([10])).rejects.toMatchObject({ code: "bad_input" });
  await expect(retireSegment(scratch.objects, manifest, signal)).rejects.toMatchObject({ code: "refused" });
  await take([0, 1, 2, 6, 7, 8, 9]);
  await retireSegment(scratch.objects, manifest, signal);
  expect(await everyKey()).toEqual([]);
});

test("a damaged gone list stops the reading: better no rows than rows twice", async () => {
  const manifest = await commitSample(10);
  await appendGone(scratch.objects, manifest, { rows: [1], reason: "restored", operationId: "o" }, signal);
  const key = (await everyKey()).find((name) => name.includes(".gone-")) ?? "";
  await truncate(scratch.objects.localPath(key) ?? "", 20);
  await expect(readAll(manifest)).rejects.toMatchObject({ code: "corrupt", details: { key } });
});

test("a disk that fills up in mid-write leaves nothing visible", async (context) => {
  const written = await writeSample(scratch.scratchDir, 20_000);
  await scratch.store.check(signal);
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", scratch.root], { stdio: "pipe" });
  } catch {
    console.log("skipped: mounting a small disk needs root");
    return context.skip();
  }
  try {
    await expect(commitSegment(scratch.objects, written, signal)).rejects.toMatchObject({
      code: "disk_full",
    });
    expect(await everyKey()).toEqual([]);
  } finally {
    execFileSync("umount", ["-l", scratch.root]);
  }
  await commitSegment(scratch.objects, written, signal);
});

test("a full scratch disk is reported as such", async (context) => {
  await mkdir(scratch.scratchDir, { recursive: true });
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", scratch.scratchDir], { stdio: "pipe" });
  } catch {
    console.log("skipped: mounting a small disk needs root");
    return context.skip();
  }
  try {
    const writer = await createSegmentWriter(writerOptions(scratch.scratchDir));
    const write = async () => {
      for (let from = 0; ; from += 1000) await writer.append(sampleBatch(from, from + 1000));
    };
    await expect(write()).rejects.toMatchObject({ code: "disk_full", key: "scratchDiskFull" });
    await writer.abort();
    expect(await readdir(scratch.scratchDir)).toEqual([]);
  } finally {
    execFileSync("umount", ["-l", scratch.scratchDir]);
  }
});

test("an aborted or failed writer leaves no file", async () => {
  const writer = await createSegmentWriter(writerOptions(scratch.scratchDir));
  await writer.append(sampleBatch(0, 9_000));
  await writer.abort();
  await writer.abort();
  expect(await readdir(scratch.scratchDir)).toEqual([]);
  const other = await createSegmentWriter(writerOptions(scratch.scratchDir));
  const altered = sampleBatch(0, 10);
  const vectors = altered.vectors.filter(({ name }) => name !== "user");
  await expect(other.append({ ...altered, vectors })).rejects.toMatchObject({ code: "stale_plan" });
  await expect(other.finish()).rejects.toMatchObject({ code: "bad_input" });
  await other.abort();
  const reserved = { columns: [...COLUMNS, { ...COLUMNS[0], name: "_strata_digest" }] } as Partial<
    ReturnType<typeof writerOptions>
  >;
  await expect(createSegmentWriter(writerOptions(scratch.scratchDir, reserved))).rejects.toMatchObject({
    code: "bad_input",
  });
});

test("the local file is removed when the segment is committed and discarded", async () => {
  const written = await writeSample(scratch.scratchDir, 10);
  await commitSegment(scratch.objects, written, signal);
  await written.discard();
  await expect(stat(written.parquetPath)).rejects.toMatchObject({ code: "ENOENT" });
});
