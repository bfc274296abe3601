import { rename } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { db } from "@/lib/control/database";
import { archiveInput, openWorld, plan, run, type World } from "@/lib/operations/testing";
import { type SearchEvent, type SearchQuery, searchInputSchema } from "@/lib/schemas/search";
import { searchDatasets, searchPage } from "./search";

const PER_MONTH = 480;
const ROWS = PER_MONTH * 4;
const signal = AbortSignal.timeout(600_000);
let world: World;

beforeAll(async () => {
  world = await openWorld(PER_MONTH);
}, 120_000);
afterAll(() => world.drop());

const input = (query: SearchQuery) => searchInputSchema.parse({ datasetIds: [world.datasetId], ...query });

/** Keys over all pages, in order. */
async function walk(
  query: SearchQuery,
  onPage: () => Promise<void> = async () => undefined,
): Promise<string[]> {
  const keys: string[] = [];
  for (let cursor: string | null = null; ; ) {
    const page: Awaited<ReturnType<typeof searchPage>> = await searchPage(
      input({ ...query, cursor }),
      signal,
    );
    expect(page.failures).toEqual([]);
    keys.push(...page.rows.map((row) => row.key[0] ?? ""));
    if (page.next === null) return keys;
    cursor = page.next;
    await onPage();
  }
}

async function events(query: SearchQuery): Promise<SearchEvent[]> {
  const all: SearchEvent[] = [];
  for await (const event of searchDatasets(input(query), signal)) all.push(event);
  return all;
}

async function original(): Promise<string[]> {
  const found = await world.sql.query<{ id: string }>(
    "SELECT id::text FROM runs ORDER BY created_at DESC, id DESC",
  );
  return found.rows.map(({ id }) => id);
}

async function restore(from: "archive" | "cold"): Promise<void> {
  const range = { from: null, until: null };
  const operationId = await plan({ kind: "restore", params: { datasetId: world.datasetId, from, range } });
  expect(await run(operationId)).toBe("succeeded");
}

async function archive(tier: "archive" | "cold", batchRows = 50): Promise<void> {
  expect(await run(await plan(archiveInput(world, tier), { batchRows }))).toBe("succeeded");
}

describe("searchDatasets", () => {
  it("gives the same rows in the same order wherever they live", async () => {
    const expected = await original();
    expect(expected).toHaveLength(ROWS);
    expect(await walk({ q: "问题", limit: 200 })).toEqual(expected);
    await archive("archive");
    expect(await walk({ q: "问题", limit: 97 })).toEqual(expected);
    await restore("archive");
    await archive("cold");
    expect(await walk({ q: "问题", limit: 97 })).toEqual(expected);
    const one = await searchPage(input({ q: '"问题 77 问题"' }), signal);
    expect(one.rows).toMatchObject([{ tier: "cold", storeName: "cold", status: "ok", tenant: "2" }]);
    expect(one.rows[0]?.snippets[0]?.matches.length).toBeGreaterThan(1);
    const filtered = await walk({ q: "", tenant: "2", until: "2026-02-01T00:00:00Z", limit: 40 });
    expect(filtered).toHaveLength(PER_MONTH / 3);
    await restore("cold");
    expect(await walk({ q: "问题", limit: 200 })).toEqual(expected);
  }, 120_000);

  it("neither skips nor doubles a row while rows arrive and move between tiers", async () => {
    const expected = new Set(await original());
    const moving = { done: false, rounds: 0 };
    const mover = (async () => {
      for (; moving.rounds < 3; moving.rounds += 1) {
        await archive("archive", 40);
        await restore("archive");
        await archive("cold", 40);
        await restore("cold");
      }
    })().finally(() => {
      moving.done = true;
    });
    let arrived = 0;
    const arrive = async (): Promise<void> => {
      arrived += 1;
      await world.sql.query(
        `INSERT INTO runs SELECT gen_random_uuid(), 1, 'ok', '问题 late', 1, timestamp '2026-05-01' + $1 * interval '1 min'`,
        [arrived],
      );
    };
    let walks = 0;
    while (!moving.done) {
      const keys = await walk({ q: "问题", limit: 60 }, arrive);
      expect(new Set(keys).size).toBe(keys.length);
      expect([...expected].filter((key) => !keys.includes(key))).toEqual([]);
      walks += 1;
    }
    await mover;
    expect(walks).toBeGreaterThan(3);
    expect(arrived).toBeGreaterThan(20);
  }, 240_000);

  it("says what could not be searched and serves the rest", async () => {
    await archive("cold", 500);
    const away = join(world.folder, "..", `${world.control.name}-away`);
    await rename(world.folder, away);
    try {
      const all = await events({ q: "问题", limit: 200 });
      const failed = all.find((event) => event.type === "tier" && event.state === "failed");
      expect(failed).toMatchObject({ tier: "cold", missing: 2 });
      expect(failed?.type === "tier" && failed.message).toMatch(/2 of 2 segments in cold could not be read/);
      const page = all.at(-1);
      expect(page?.type === "page" && page.rows.length).toBe(200);
    } finally {
      await rename(away, world.folder);
    }
    await db().store.update({
      where: { id: world.storeId },
      data: { config: { host: "127.0.0.1", port: 1, database: "x", user: "x" } },
    });
    const { rows, failures } = await searchPage(input({ q: "问题", limit: 200 }), signal);
    expect(rows).toHaveLength(200);
    expect(rows.every((row) => row.tier === "cold")).toBe(true);
    expect(failures).toHaveLength(2); // hot and archive
  }, 60_000);

  it("refuses a position of another search", async () => {
    const { next } = await searchPage(input({ q: "问题", limit: 5, tiers: ["cold"] }), signal);
    expect(next).not.toBeNull();
    await expect(
      searchPage(input({ q: "答案", cursor: next, tiers: ["cold"] }), signal),
    ).rejects.toMatchObject({
      code: "bad_input",
      key: "badCursor",
    });
    await expect(searchPage(input({ q: "问题", cursor: "e30" }), signal)).rejects.toMatchObject({
      key: "badCursor",
    });
    await expect(searchPage(input({ q: "x" }), signal)).rejects.toMatchObject({ key: "searchTooShort" });
  });
});
