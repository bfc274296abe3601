import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeLogs, member, rowsOf, scopeOf } from "@/lib/stores/logstore/testing/logs";
import { type TestProject, testProject } from "@/lib/stores/logstore/testing/project";
import type { RowQuery } from "@/lib/stores/rows";

const signal = () => AbortSignal.timeout(20_000);
let project: TestProject;

beforeAll(async () => {
  project = await testProject();
  await makeLogs(project, "logs", 1_000);
});
afterAll(() => project.drop());

describe("a search", () => {
  const query = (more: Partial<RowQuery>): RowQuery => ({
    table: member("logs").table,
    key: ["id"],
    time: scopeOf("logs").time,
    textColumns: ["body"],
    terms: [],
    equals: [],
    fromUs: null,
    untilUs: null,
    after: null,
    limit: 100,
    columns: ["id"],
    snippetChars: 60,
    timeoutMs: 5_000,
    ...more,
  });
  const pages = async (more: Partial<RowQuery>) => {
    const keys: string[] = [];
    let after: RowQuery["after"] = null;
    for (let turn = 0; turn < 50; turn += 1) {
      const page = await rowsOf(project.open("read")).search(query({ ...more, after }), signal());
      keys.push(...page.rows.map(({ key }) => key[0] ?? ""));
      if (!page.next) break;
      // As the search hands it back: in the form that all stores share.
      after = [(page.next[0] ?? "").replace("T", " "), ...page.next.slice(1)];
    }
    return keys;
  };

  test("walks page by page, newest first, each row once", async () => {
    const keys = await pages({ terms: ["问X"] });
    expect(keys).toHaveLength(1_000);
    expect(keys).toEqual([...keys].sort().reverse());
  });

  test("finds what is asked for and nothing by way of its quotes", async () => {
    expect(await pages({ equals: [{ column: "id", value: "r000007" }] })).toEqual(["r000007"]);
    for (const nasty of ["' OR '1'='1", "\\' OR 1=1 --", "%", "_"]) {
      expect(await pages({ terms: [nasty] })).toEqual([]);
      expect(await pages({ equals: [{ column: "id", value: nasty }] })).toEqual([]);
    }
    expect(await pages({ equals: [{ column: "log_version", value: "seven" }] })).toEqual([]);
  });

  test("that takes too long goes back span by span, and says where it stopped", async () => {
    await makeLogs(project, "long", 0);
    const body = "repeat('log line ', 60000) || CASE WHEN n % 50 = 0 THEN 'needle' ELSE '' END";
    await project.sql(
      `INSERT INTO long SELECT 'r' || lpad(n::text, 3, '0'),
        to_char(timestamp '2026-01-01' + n * interval '2 hours', 'YYYY-MM-DD"T"HH24:MI:SS'), ${body}, n
       FROM generate_series(1, 200) n`,
    );
    const keys: string[] = [];
    let after: RowQuery["after"] = null;
    let incomplete = 0;
    for (let turn = 0; turn < 40; turn += 1) {
      const asked = query({ table: member("long").table, terms: ["needle"], timeoutMs: 500, after });
      const page = await rowsOf(project.open("read")).search(asked, signal());
      keys.push(...page.rows.map(({ key }) => key[0] ?? ""));
      incomplete += page.incomplete ? 1 : 0;
      if (!page.next) break;
      after = page.next;
    }
    expect(keys).toEqual(["r200", "r150", "r100", "r050"]);
    expect(incomplete).toBeGreaterThan(0);
  }, 60_000);

  test("keeps to half-open ranges", async () => {
    const at = (minute: number) => BigInt(Date.UTC(2026, 0, 1, 0, minute)) * 1_000n;
    expect(await pages({ fromUs: at(10), untilUs: at(13) })).toEqual(["r000012", "r000011", "r000010"]);
  });
});
