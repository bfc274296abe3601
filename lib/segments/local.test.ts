import { mkdtemp, readdir, rm, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { resetEnv } from "@/lib/env";
import { commitSegment } from "@/lib/segments/commit";
import { openScratch, type Scratch, writeSample } from "@/lib/segments/fixture";
import { localCopy } from "@/lib/segments/local";
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
