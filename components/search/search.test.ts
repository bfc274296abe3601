import { describe, expect, test } from "vitest";
import type { SearchRow } from "@/lib/schemas/search";
import { takeMessages } from "./read-events";
import { applyEvent, NO_RESULT, rowsInOrder, settleRows, type TierEvent } from "./search-result";
import { isEmptySearch, parseSearchState, searchHref, toggleTier, toQuery } from "./search-state";
import { tierLines } from "./tier-lines";

const parse = (query: string) => parseSearchState(new URLSearchParams(query));

describe("the address of a search", () => {
  test("comes back as it was", () => {
    const address =
      "/search?q=%E9%80%80%E6%AC%BE+%22refund+policy%22&dataset=a&dataset=b&tier=cold&user=u-1&model=m&status=ok&tenant=t&from=2026-03-01T00%3A00%3A00.000Z&until=2026-04-01T00%3A00%3A00%2B08%3A00&cursor=x";
    expect(searchHref(parse(address.slice(8)))).toBe(address);
  });

  test("leaves out what does not fit", () => {
    const state = parse("q=x&tier=warm&tier=hot&tier=hot&from=yesterday&until=%3Cscript%3E&dataset=");
    expect(state).toMatchObject({ q: "x", tiers: ["hot"], from: "", until: "", datasetIds: [] });
    expect(parse("tier=hot&tier=archive&tier=cold").tiers).toEqual([]);
    expect(parse(`q=${"x".repeat(900)}`).q).toHaveLength(500);
  });

  test("asks for what is set only", () => {
    expect(toQuery(parse("q=refund"))).toEqual({ q: "refund" });
    expect(isEmptySearch(parse("q=+&tier=hot&dataset=a"))).toBe(true);
    expect(isEmptySearch(parse("user=u-1"))).toBe(false);
  });

  test("switches tiers, never all of them off", () => {
    expect(toggleTier([], "hot")).toEqual(["archive", "cold"]);
    expect(toggleTier(["archive", "cold"], "hot")).toEqual([]);
    expect(toggleTier(["cold"], "cold")).toEqual(["cold"]);
    expect(toggleTier(["cold"], "hot")).toEqual(["hot", "cold"]);
  });
});

const row = (key: string, timeUs: string | null, tier: SearchRow["tier"] = "hot"): SearchRow => ({
  datasetId: "d",
  dataset: "messages",
  storeName: "s",
  tier,
  key: [key],
  at: null,
  timeUs,
  user: null,
  model: null,
  status: null,
  tenant: null,
  tokens: null,
  snippets: [],
  segmentId: null,
});

const keys = (rows: readonly SearchRow[]) => rows.map((one) => one.key[0]);

describe("rows as they come", () => {
  test("stand newest first, the later of two counts, and the page decides", () => {
    let result = applyEvent(NO_RESULT, {
      type: "rows",
      rows: [row("a", "10"), row("b", "30", "cold"), row("n", null)],
    });
    result = applyEvent(result, { type: "rows", rows: [row("c", "20"), row("b", "30", "hot")] });
    expect(keys(rowsInOrder(result))).toEqual(["b", "c", "a", "n"]);
    expect(rowsInOrder(result)[0]?.tier).toBe("hot");
    result = applyEvent(result, { type: "page", rows: ['["d",["b"]]', '["d",["c"]]'], next: "more" });
    expect(keys(rowsInOrder(result))).toEqual(["b", "c"]);
    expect(result.next).toBe("more");
  });

  test("wait while the list is held, unless they belong behind", () => {
    const shown = [row("a", "30"), row("b", "10")];
    const rows = [row("x", "40"), row("a", "30"), row("y", "20"), row("b", "10"), row("z", "5")];
    expect(settleRows(shown, rows, false)).toEqual({ rows, waiting: 0 });
    const held = settleRows(shown, rows, true);
    expect(keys(held.rows)).toEqual(["a", "b", "z"]);
    expect(held.waiting).toBe(2);
    expect(settleRows([], rows, true).waiting).toBe(0);
  });
});

describe("the stream", () => {
  test("is read message by message, wherever it is cut", () => {
    const first = takeMessages(': begin\n\ndata: {"type":"rows","rows":[]}\n\ndata: {"type":"pa');
    expect(first.messages).toEqual([{ type: "rows", rows: [] }]);
    const second = takeMessages(
      `${first.rest}ge","rows":[],"next":null}\n\n: alive\n\nevent: end\ndata: {}\n\n`,
    );
    expect(second).toEqual({ messages: [{ type: "page", rows: [], next: null }], ended: true, rest: "" });
  });
});

const tier = (event: Partial<TierEvent>): TierEvent => ({
  type: "tier",
  dataset: "messages",
  tier: "hot",
  state: "done",
  ms: 1,
  scanned: 0,
  skippedSegments: 0,
  missing: 0,
  ...event,
});

describe("the status line", () => {
  test("says what is done, what runs and what is missing", () => {
    expect(
      tierLines([
        tier({ ms: 41 }),
        tier({ tier: "archive", ms: 12 }),
        tier({ tier: "cold", scanned: 2, skippedSegments: 198, ms: 180 }),
        tier({ dataset: "logs", tier: "cold", scanned: 1, skippedSegments: 13, ms: 20, state: "running" }),
      ]),
    ).toEqual([
      { kind: "done", tiers: ["hot", "archive"], ms: 41 },
      { kind: "segments", state: "running", opened: 3, total: 214, ms: 180 },
    ]);
    expect(
      tierLines([
        tier({ state: "running" }),
        tier({ dataset: "logs", state: "failed", message: "not answering" }),
        tier({ tier: "cold", state: "failed", missing: 14, message: "unreachable" }),
      ]),
    ).toEqual([
      { kind: "running", tiers: ["hot"] },
      { kind: "missing", segments: 14, scope: "all" },
      { kind: "failed", dataset: "logs", tier: "hot", message: "not answering" },
    ]);
    expect(tierLines([])).toEqual([]);
  });
});
