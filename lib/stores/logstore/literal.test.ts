import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LogHandle } from "@/lib/stores/logstore/client";
import { countLiteral, identifier, textLiteral, valueLiteral } from "@/lib/stores/logstore/literal";
import { type TestProject, testProject } from "@/lib/stores/logstore/testing/project";
import { tokensOf } from "@/lib/stores/logstore/testing/tokens";

let project: TestProject;
let handle: LogHandle;
const signal = () => AbortSignal.timeout(20_000);

beforeAll(async () => {
  project = await testProject();
  handle = new LogHandle(project.config, { access: "read", name: "t", timeoutMs: 10_000, connections: 2 });
});
afterAll(async () => {
  await handle.close();
  await project.drop();
});

const NASTY = [
  "",
  "'",
  "''",
  "\\",
  "\\'",
  "\\\\'",
  "'; DROP TABLE x; --",
  "\\'; DROP TABLE x; --",
  "' OR '1'='1",
  "$$; SELECT 1; $$",
  "E'\\x27'",
  "U&'\\0027'",
  '"quoted"',
  "a\"b'c\\d`e%f_g",
  "/* ' */ -- '",
  "\n\r\t\b\f",
  "数据 表 🙂 \u2028 \ufeff",
  "ʼ ＇ ′ ‘ ’",
  "%s $1 :name ?",
  "\u00a5' \u0160'",
  " leading and trailing ",
];

/** Texts of the characters that matter, in any order. */
function* randomTexts(count: number): Generator<string> {
  const alphabet = ["'", "\\", '"', ";", "-", "-", "/", "*", "$", "E", "\n", "é", "🙂", " ", "x", "%", "`"];
  let state = 20_261_121;
  const next = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  for (let n = 0; n < count; n += 1)
    yield Array.from({ length: next(14) }, () => alphabet[next(alphabet.length)]).join("");
}

describe("a text", () => {
  const texts = [...NASTY, ...randomTexts(2_000)];

  test("is one token, whatever is in it", () => {
    for (const text of texts) {
      const tokens = tokensOf(`${textLiteral(text)} AND x`);
      expect(tokens.map(({ kind }) => kind)).toEqual(["text", "word", "word"]);
    }
  });

  test("comes back as it was", async () => {
    for (let from = 0; from < texts.length; from += 200) {
      const some = texts.slice(from, from + 200);
      const [row] = await handle.query(`SELECT ${some.map(textLiteral).join(", ")} LIMIT 1`, signal());
      expect(row).toEqual(some);
    }
  });

  test("means the same where backslashes escape", async () => {
    for (const text of texts.slice(0, 300)) {
      const sql = `SELECT set_config('standard_conforming_strings', 'off', false)`;
      await project.sql(sql); // one of two sessions: either setting is met
      expect((await project.sql(`SELECT ${textLiteral(text)} AS back`))[0]?.back).toBe(text);
    }
  });

  test.each(["a\0b", "\ud800", "x\udc00"])("that no literal can hold is refused", (text) => {
    expect(() => textLiteral(text)).toThrow(
      expect.objectContaining({ code: "bad_input", key: "logstore.literal" }),
    );
    expect(() => identifier(text)).toThrow(expect.objectContaining({ code: "bad_input" }));
  });
});

describe("a name", () => {
  test("is one token, and names what it says", async () => {
    for (const name of [...NASTY, ...randomTexts(500)].filter((text) => text !== "")) {
      const tokens = tokensOf(`${identifier(name)} FROM x`);
      expect(tokens.map(({ kind }) => kind)).toEqual(["name", "word", "word"]);
      expect(tokens[0]?.value).toBe(name);
    }
    await project.sql(`CREATE TABLE ${identifier("a\"b'c 数据 `%")} (x int)`);
    const rows = await handle.query(`SELECT count(*) FROM ${identifier("a\"b'c 数据 `%")} LIMIT 1`, signal());
    expect(rows).toEqual([["0"]]);
  });
  test("that is empty is refused", () => expect(() => identifier("")).toThrow(/empty/));
});

describe("a value", () => {
  test("of a number stands bare only where it is nothing but a number", () => {
    expect(valueLiteral("int64", "-9223372036854775808")).toBe("-9223372036854775808");
    expect(valueLiteral("float64", "-0")).toBe("'-0'");
    expect(valueLiteral("bool", "true")).toBe("true");
    expect(valueLiteral("text", null)).toBe("NULL");
    for (const text of [
      "1; DROP TABLE x",
      "1 OR 1=1",
      "0x10",
      "1--",
      "1/**/",
      "",
      " 1",
      "1\n",
      "١",
      "NaN",
      "true)",
    ]) {
      for (const physical of ["int64", "float64", "bool", "timestamp"] as const)
        expect(valueLiteral(physical, text)).toBe(textLiteral(text));
    }
  });

  test("of a count is a whole number from 1 on", () => {
    expect([0, -5, 2.9, Number.NaN, Number.POSITIVE_INFINITY].map(countLiteral)).toEqual([
      "1",
      "1",
      "2",
      "1",
      "9007199254740991",
    ]);
  });
});
