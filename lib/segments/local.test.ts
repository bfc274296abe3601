import { mkdir, mkdtemp, readdir, rm, stat, truncate, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { resetEnv } from "@/lib/env";
import { commitSegment } from "@/lib/segments/commit";
import { openScratch, type Scratch, writeSample } from "@/lib/segments/fixture";
import { checkedCopy, evict, localCopy } from "@/lib/segments/local";
import { readSegment } from "@/lib/segments/read";
import type { ObjectAccess } from "@/lib/stores/store";

const signal = AbortSignal.timeout(60_000);
let scratch: Scratch;
let dataDir: string;
let remote: ObjectAccess;

beforeEach(async () => {
  scratch = await openScratch();
  dataDir = await mkdtemp(join(tmpdir(), "strata-cache-"));
  vi.stubEnv("STRATA_DATA", dataDir);
  resetEnv();
  remote = { ...scratch.objects, localPath: () => null }; // what a store across a network says
});
afterEach(async () => {
  vi.unstubAllEnvs();
  resetEnv();
  await rm(dataDir, { recursive: true });
  await scratch.remove();
});

test("a segment of a remote store is copied once, checked, and read from the copy", async () => {
  const written = await writeSample(scratch.scratchDir, 500);
  const { manifest } = await commitSegment(remote, written, signal);
  const path = await localCopy(remote, manifest, signal);
  expect(path.startsWith(dataDir)).toBe(true);
  expect(await readdir(join(dataDir, "cache", "objects"))).toEqual([manifest.sha256]);
  let rowCount = 0;
  for await (const batch of readSegment(remote, manifest, {}, signal)) rowCount += batch.rowCount;
  expect(rowCount).toBe(500);
});

test("a damaged object never gets into the cache, and a damaged copy is fetched again", async () => {
  const written = await writeSample(scratch.scratchDir, 500);
  const { manifest } = await commitSegment(remote, written, signal);
  const path = await localCopy(remote, manifest, signal);
  await truncate(path, 10);
  expect(await localCopy(remote, manifest, signal)).toBe(path);
  await rm(path);
  await truncate(scratch.objects.localPath(manifest.key) ?? "", 1000);
  await expect(localCopy(remote, manifest, signal)).rejects.toMatchObject({ code: "corrupt" });
  expect(await readdir(join(dataDir, "cache", "objects"))).toEqual([]);
});

test("what was not asked for the longest leaves the cache first, and nothing that was asked for just now", async () => {
  const folder = join(dataDir, "cache", "objects");
  await mkdir(folder, { recursive: true });
  const minutesOld = { old: 60, older: 90, middle: 30, fresh: 0 };
  for (const [name, minutes] of Object.entries(minutesOld)) {
    await writeFile(join(folder, name), Buffer.alloc(100));
    const at = new Date(Date.now() - minutes * 60_000);
    await utimes(join(folder, name), at, at);
  }
  await evict(folder, 250);
  expect((await readdir(folder)).sort()).toEqual(["fresh", "middle"]);
  await evict(folder, 0);
  expect(await readdir(folder)).toEqual(["fresh"]);
});

test("a proof reads the object itself, and a copy that others may be about to open is replaced at once", async () => {
  const { manifest } = await commitSegment(remote, await writeSample(scratch.scratchDir, 500), signal);
  const path = await localCopy(remote, manifest, signal);
  const stop = setInterval(() => stat(path).catch(() => gaps.push(1)), 1);
  const gaps: number[] = [];
  for (let at = 0; at < 5; at += 1) await checkedCopy(remote, manifest, "fresh", signal);
  clearInterval(stop);
  expect(gaps).toEqual([]);
  await truncate(scratch.objects.localPath(manifest.key) ?? "", 1000);
  await expect(checkedCopy(remote, manifest, "fresh", signal)).rejects.toMatchObject({ code: "corrupt" });
});
