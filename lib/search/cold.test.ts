import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { foldCase } from "@/lib/format/highlight";
import { openScratch, type Scratch } from "@/lib/segments/fixture";
import { appendGone } from "@/lib/segments/gone";
import { type ColdRow, type ColdSegment, type ColdSummary, searchCold } from "./cold";
import type { ColdQuery } from "./cold-sql";
import { type Talk, talkQuery, writeTalks } from "./fixture";
import { parseQuery } from "./parse";

const signal = AbortSignal.timeout(240_000);
const START_US = 1_767_225_600_000_000n;
let scratch: Scratch;

beforeEach(async () => {
  scratch = await openScratch();
});
afterEach(() => scratch.remove());

async function segment(talks: readonly Talk[], id?: string): Promise<ColdSegment> {
  return {
    manifest: await writeTalks(scratch.objects, scratch.scratchDir, talks, id),
    objects: scratch.objects,
  };
}

async function search(
  segments: readonly ColdSegment[],
  changes: Partial<ColdQuery>,
): Promise<{ rows: ColdRow[]; summary: ColdSummary }> {
  const query = talkQuery(changes);
  const run = searchCold(segments, query, signal);
  const rows: ColdRow[] = [];
  let step = await run.next();
  for (; !step.done; step = await run.next()) rows.push(...step.value);
  rows.sort((a, b) =>
    newestFirst({ atUs: a.timeUs, id: Number(a.key[0]) }, { atUs: b.timeUs, id: Number(b.key[0]) }),
  );
  return { rows: rows.slice(0, query.limit), summary: step.value };
}

function newestFirst(a: { atUs: bigint | null; id: number }, b: { atUs: bigint | null; id: number }): number {
  if (a.atUs !== b.atUs) return a.atUs === null ? 1 : b.atUs === null ? -1 : a.atUs > b.atUs ? -1 : 1;
  return b.id - a.id;
}

const talk = (id: number, changes: Partial<Talk> = {}): Talk => ({
  id,
  atUs: START_US + BigInt(id) * 1_000_000n,
  user: `user-${id % 10}`,
  model: "gpt-4o",
  prompt: `question ${id}`,
  answer: `answer ${id}`,
  ...changes,
});

const range = (from: number, until: number): Talk[] =>
  Array.from({ length: until - from }, (_, index) => talk(from + index));

const ids = (rows: readonly ColdRow[]): number[] => rows.map((row) => Number(row.key[0]));

describe("searchCold", () => {
  it("finds words, phrases and Chinese, in any case, newest first", async () => {
    const segments = [
      await segment([talk(1, { prompt: "The Quick brown FOX" }), talk(2, { answer: "数据库归档方案" })]),
      await segment([
        talk(3, { prompt: "quick, not brown: fox", answer: null }),
        talk(4, { answer: "把日志归档到冷存储" }),
      ]),
    ];
    expect(ids((await search(segments, { terms: ["quick", "fox"] })).rows)).toEqual([3, 1]);
    expect(ids((await search(segments, { terms: ["quick brown"] })).rows)).toEqual([1]);
    expect(ids((await search(segments, { terms: ["归档"] })).rows)).toEqual([4, 2]);
    const absent = await search(segments, { terms: ["nowhereatall"] });
    expect(absent.rows).toEqual([]);
    expect(absent.summary).toMatchObject({
      scannedSegments: 0,
      skippedSegments: 2,
      missing: [],
      more: false,
    });
  });

  it("takes wildcards and pattern characters as they are", async () => {
    const odd = ["100%", "a_b", "c\\d", "(x|y)*", "[z]", "it's", "^$.", "line\nbreak", "a-b"];
    const segments = [await segment(odd.map((prompt, id) => talk(id, { prompt, answer: null })))];
    for (const [id, prompt] of odd.entries()) {
      expect(ids((await search(segments, { terms: [prompt] })).rows), prompt).toEqual([id]);
    }
  });

  it("reads only as far as the page needs, and goes on after a position", async () => {
    const segments = [await segment(range(0, 9000)), await segment(range(9000, 18_000))];
    const first = await search(segments, { terms: ["question"] });
    expect(ids(first.rows)).toEqual(Array.from({ length: 50 }, (_, index) => 17_999 - index));
    expect(first.summary).toMatchObject({ scannedSegments: 1, more: true });
    const last = first.rows.at(-1);
    const after = { timeUs: last?.timeUs ?? null, key: last?.key ?? [] };
    expect(ids((await search(segments, { terms: ["question"], after })).rows)[0]).toBe(17_949);
    const narrow = await search(segments, { fromUs: START_US + 5_000_000n, untilUs: START_US + 8_000_000n });
    expect(ids(narrow.rows)).toEqual([7, 6, 5]);
    expect(narrow.summary.skippedSegments).toBe(1);
    const user = await search(segments, {
      equals: [{ role: "user", column: "user_id", value: "user-3" }],
      limit: 3,
    });
    expect(ids(user.rows)).toEqual([17_993, 17_983, 17_973]);
  });

  it("takes a filter's value as its column spells it", async () => {
    const segments = [await segment(range(0, 10))];
    const byId = async (value: string) =>
      ids((await search(segments, { equals: [{ role: "tenant", column: "id", value }] })).rows);
    expect(await byId(" 007")).toEqual([7]);
    expect(await byId("seven")).toEqual([]);
    expect(
      (await search(segments, { equals: [{ role: "user", column: "absent", value: "x" }] })).rows,
    ).toEqual([]);
  });

  it("leaves out rows that the segment no longer owns", async () => {
    const segments = [await segment(range(0, 10))];
    const [only] = segments;
    if (only) {
      const entry = { rows: [3, 9], reason: "restored" as const, operationId: "o" };
      await appendGone(scratch.objects, only.manifest, entry, signal);
    }
    expect(ids((await search(segments, { terms: ["question"] })).rows)).toEqual([8, 7, 6, 5, 4, 2, 1, 0]);
  });

  it("names segments that are missing, cut or flipped, and serves the rest", async () => {
    const segments: ColdSegment[] = [];
    for (let index = 0; index < 4; index += 1)
      segments.push(await segment(range(index * 10, index * 10 + 10), `s${index}`));
    const path = (index: number) => join(scratch.root, segments[index]?.manifest.key ?? "");
    await rm(path(0));
    const cut = await open(path(1), "r+");
    await cut.truncate(1000);
    await cut.close();
    const flipped = await open(path(2), "r+");
    await flipped.write(Buffer.from([0xff]), 0, 1, 400);
    await flipped.close();
    const { rows, summary } = await search(segments, { terms: ["question"] });
    expect(ids(rows)).toEqual([39, 38, 37, 36, 35, 34, 33, 32, 31, 30]);
    expect(summary.missing.map(({ segmentId }) => segmentId).sort()).toEqual(["s0", "s1", "s2"]);
  });

  it("searches a segment whose sidecar is missing or damaged", async () => {
    const only = await segment(range(0, 10));
    await rm(join(scratch.root, only.manifest.sidecar?.key ?? ""));
    expect(ids((await search([only], { terms: ["question 7"] })).rows)).toEqual([7]);
  });

  it("cuts snippets around the first match", async () => {
    const prompt = `${"前".repeat(300)}needle${"后".repeat(300)}`;
    const { rows } = await search([await segment([talk(1, { prompt })])], {
      terms: ["needle"],
      snippetChars: 100,
    });
    expect(rows[0]?.values.prompt).toBe(`${"前".repeat(33)}needle${"后".repeat(61)}`);
    expect(rows[0]?.cuts.prompt).toEqual({ before: true, after: true });
    expect(rows[0]?.cuts.answer).toEqual({ before: false, after: false });
  });

  it("gives what a plain look at every row gives", async () => {
    const letters = [..."aAbBiIıİſsSςσΣßẞéÉ中文归档%_\\'😀 "];
    const text = fc.option(
      fc.array(fc.constantFrom(...letters), { maxLength: 12 }).map((chars) => chars.join("")),
      { nil: null },
    );
    const row = fc.record({
      atUs: fc.option(fc.bigInt(0n, 5n), { nil: null }),
      user: fc.constantFrom(null, "u1", "u2"),
      prompt: text,
      answer: text,
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(row, { minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 3 }),
        fc.array(fc.constantFrom(...letters), { minLength: 1, maxLength: 3 }),
        fc.option(fc.constantFrom("u1", "u2"), { nil: null }),
        async (groups, chars, user) => {
          const terms = parseQuery(`"${chars.join("").replaceAll(" ", "")}"`, "byFilters").terms;
          const talks = groups.map((rows, group) =>
            rows.map((shape, index): Talk => ({ id: group * 100 + index, model: null, ...shape })),
          );
          const segments = await Promise.all(talks.map((rows) => segment(rows)));
          const equals = user ? [{ role: "user", column: "user_id", value: user }] : [];
          const expected = talks
            .flat()
            .filter((each) => matches(each, terms) && (!user || each.user === user));
          expected.sort(newestFirst);
          expect(await walk(segments, { terms, equals, limit: 4 })).toEqual(expected.map(({ id }) => id));
        },
      ),
      { numRuns: 60 },
    );
  });
});

const matches = ({ prompt, answer }: Talk, terms: readonly string[]): boolean =>
  terms.every((term) => [prompt, answer].some((text) => text !== null && foldCase(text).includes(term)));

/** All pages. */
async function walk(segments: readonly ColdSegment[], changes: Partial<ColdQuery>): Promise<number[]> {
  const all: number[] = [];
  let after: ColdQuery["after"] = null;
  for (;;) {
    const { rows } = await search(segments, { ...changes, after });
    all.push(...ids(rows));
    const last = rows.at(-1);
    if (!last || all.length > 1000) return all;
    after = { timeUs: last.timeUs, key: last.key };
  }
}
