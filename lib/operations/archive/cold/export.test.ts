import { mkdtempSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { db } from "@/lib/control/database";
import { firstCursor, nextWindow } from "@/lib/operations/archive/cold/cursor";
import { commitWindow, copyWindow } from "@/lib/operations/archive/cold/export";
import { openColdJob } from "@/lib/operations/archive/cold/job";
import type { StepContext } from "@/lib/operations/operation";
import { LeaseLost } from "@/lib/operations/run/lease";
import { CUTOFF, openWorld, type World } from "@/lib/operations/testing";
import { throttleSchema } from "@/lib/schemas/operation";
import type { ArchiveParams, PlanBody } from "@/lib/schemas/plan";
import { openStore } from "@/lib/stores/open";

let world: World;
beforeAll(async () => {
  world = await openWorld(10);
});
afterAll(() => world.drop());

/** A worker that is taken for dead while it commits: `calls` times its lease is still its own. */
function contextOf(calls: number): StepContext {
  let left = calls;
  return {
    operationId: "late",
    signal: new AbortController().signal,
    now: () => new Date(),
    throttle: () => throttleSchema.parse({}),
    openStore,
    log: () => undefined,
    quarantine: async () => undefined,
    plan: { cutoffAt: CUTOFF } as PlanBody,
    cursors: {},
    fence: 1,
    holdLease: async () => {
      left -= 1;
      if (left < 0) throw new LeaseLost("late");
    },
    scratchDir: mkdtempSync(join(tmpdir(), "strata-late-")),
  };
}

test.each([1, 2, 3])("segments committed after the lease was lost (%i) are taken back", async (calls) => {
  const params: ArchiveParams = {
    datasetId: world.datasetId,
    cutoff: { at: CUTOFF },
    target: { tier: "cold", storeId: world.folderId },
  };
  const job = await openColdJob(contextOf(calls), params);
  const pending = nextWindow(firstCursor(3), "late", 1);
  const copied = await copyWindow(job, pending, 100, job.context.signal);
  if (!copied) throw new Error("nothing to copy");
  await expect(commitWindow(job, copied, job.context.signal)).rejects.toBeInstanceOf(LeaseLost);
  const files = readdirSync(world.folder, { recursive: true }).map(String);
  expect(files.filter((name) => /\.(parquet|grams|json)$/.test(name))).toEqual([]);
  expect(await db().segment.count()).toBe(0);
});
