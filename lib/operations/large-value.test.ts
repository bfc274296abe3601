import { afterEach, beforeEach, expect, test } from "vitest";
import { archiveInput, openWorld, operationRow, plan, run, type World } from "@/lib/operations/testing";
import type { Proof } from "@/lib/schemas/operation";

/** One value of 100 MB, between ordinary rows, through whole operations. */
const LARGE = "md5('large')::uuid";
const MIB = 1024 * 1024;
/** The value some five times over: as received, as a string, as the page and the file that are written. */
const MEMORY_BYTES = 700 * MIB;

let world: World;
beforeEach(async () => {
  world = await openWorld(20);
  // PostgreSQL's own compression of such a value takes seconds each time it is written, and is not what is tested.
  await world.sql.query("ALTER TABLE runs ALTER inputs SET STORAGE EXTERNAL");
  await world.sql.query(`INSERT INTO runs SELECT ${LARGE}, 1, 'ok', string_agg(md5(n::text) || ' 会话 ', ''), 1, '2026-01-10'
    FROM generate_series(1, ${Math.ceil((100 * MIB) / 40)}) n`);
}, 60_000);
afterEach(() => world.drop());

const largeOf = async (table: string) => {
  const { rows } = await world.sql.query(
    `SELECT octet_length(inputs) AS bytes, md5(inputs) AS digest FROM ${table} WHERE id = ${LARGE}`,
  );
  return rows[0] ?? null;
};

/** The largest resident size while `work` runs, above what there was before. */
async function peakOf(work: () => Promise<unknown>): Promise<number> {
  const before = process.memoryUsage().rss;
  let peak = before;
  const timer = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage().rss);
  }, 20);
  await work();
  clearInterval(timer);
  return peak - before;
}

const succeeded = async (operationId: string) => {
  const state = await run(operationId);
  expect([state, (await operationRow(operationId)).error]).toEqual(["succeeded", null]);
  return (await operationRow(operationId)).proof as unknown as Proof;
};

test.each(["cold", "archive"] as const)(
  "100 MB in one value go to %s and come back as they were",
  async (tier) => {
    const original = await largeOf("runs");
    expect(original.bytes).toBeGreaterThanOrEqual(100 * MIB);
    const away = await peakOf(async () => {
      const proof = await succeeded(await plan(archiveInput(world, tier)));
      expect(proof.lines[0]).toMatchObject({ equal: true, rows: { source: "41", target: "41" } });
    });
    expect(await largeOf("runs")).toBeNull();
    const back = await peakOf(async () => {
      const range = { from: null, until: null };
      await succeeded(
        await plan({ kind: "restore", params: { datasetId: world.datasetId, from: tier, range } }),
      );
    });
    expect(await largeOf("runs")).toEqual(original);
    expect(Math.max(away, back)).toBeLessThan(MEMORY_BYTES);
  },
  60_000,
);
