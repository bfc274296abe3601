import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, test } from "vitest";
import { Marked } from "@/components/search/marked";
import { highlightRanges } from "@/lib/format/highlight";
import { visibleText } from "@/lib/format/visible";
import { prettyJson } from "./pretty-json";
import { decodeKey, encodeKey, recordHref, restoreHref } from "./record-address";
import { recordTime } from "./record-time";
import { cutText, textBlocks } from "./text-blocks";

describe("the text of a conversation", () => {
  test("is split at code fences and nowhere else", () => {
    expect(textBlocks("Hi\n\n```sql\nSELECT 1\n```\nbye\n")).toEqual([
      { kind: "text", text: "Hi" },
      { kind: "code", language: "sql", text: "SELECT 1" },
      { kind: "text", text: "bye" },
    ]);
    expect(textBlocks("````\n```\ninner\n```\n````")).toEqual([
      { kind: "code", language: "", text: "```\ninner\n```" },
    ]);
    expect(textBlocks("~~~\nopen to the end")).toEqual([
      { kind: "code", language: "", text: "open to the end" },
    ]);
    expect(textBlocks("")).toEqual([]);
    expect(textBlocks("a `code` b")).toEqual([{ kind: "text", text: "a `code` b" }]);
  });

  test.each([
    "<script>alert(1)</script>",
    '<img src=x onerror="alert(1)">',
    "[click](javascript:alert(1))",
    "![](https://evil.example/pixel.png)",
    "&lt;b&gt; <b>bold</b>",
  ])("means nothing but itself: %s", (hostile) => {
    expect(textBlocks(hostile)).toEqual([{ kind: "text", text: hostile }]);
    const html = renderToStaticMarkup(<Marked text={hostile} matches={highlightRanges(hostile, ["a"])} />);
    expect(html.replace(/<\/?(bdi|mark)>/g, "")).not.toMatch(/[<>]/);
    expect(html).not.toMatch(/<(a|img|script|b)[ >]/);
  });

  test("cannot turn the direction of what surrounds it, nor hide characters", () => {
    const hostile = "user\u202egnp.exe\u2066x\u2069 \u0000\u001b[31m\u007f\u0085";
    const shown = visibleText(hostile);
    expect(shown).toHaveLength(hostile.length);
    expect(shown).toBe("user\ufffdgnp.exe\ufffdx\ufffd \u2400\u241b[31m\u2421\ufffd");
    expect(visibleText("a\tb\r\nc 中文 👍🏽 שלום")).toBe("a\tb\r\nc 中文 👍🏽 שלום");
  });

  test("of a megabyte in one line is handled at once", () => {
    const long = "`".repeat(1 << 20);
    const started = performance.now();
    expect(textBlocks(long)).toHaveLength(1);
    expect(textBlocks(`${long}\n${"~~~x ".repeat(50_000)}`)).toHaveLength(1);
    expect(cutText(long, 20_000)).toHaveLength(20_000);
    expect(prettyJson(`{"a":"${"\\\\".repeat(1 << 19)}"}`)).not.toBeNull();
    expect(performance.now() - started).toBeLessThan(1_500);
  });

  test("is cut at a line, never inside a character", () => {
    expect(cutText("short", 10)).toBe("short");
    expect(cutText("123456789\nabc", 10)).toBe("123456789");
    expect(cutText("123456789👍", 10)).toBe("123456789");
  });
});

describe("JSON", () => {
  test("is indented without touching its values", () => {
    expect(prettyJson('{"id":12345678901234567890.10,"a":[],"b":{ },"c":[1,"x\\"}"]}')).toBe(
      '{\n  "id": 12345678901234567890.10,\n  "a": [],\n  "b": {},\n  "c": [\n    1,\n    "x\\"}"\n  ]\n}',
    );
    expect(prettyJson("plain words")).toBeNull();
    expect(prettyJson("{broken")).toBeNull();
    expect(prettyJson("12")).toBeNull();
  });
});

describe("the time of a row", () => {
  test.each([
    ["1795225223", "2026-11-21T01:40:23.000Z"],
    ["1795225223123", "2026-11-21T01:40:23.123Z"],
    ["1795225223123456", "2026-11-21T01:40:23.123Z"],
    ["2026-11-21 01:40:23.123456", "2026-11-21T01:40:23.123Z"],
    ["2026-11-21 09:40:23+08", "2026-11-21T01:40:23.000Z"],
    ["2026-11-21", "2026-11-21T00:00:00.000Z"],
  ])("%s", (text, instant) => expect(recordTime(text)).toBe(instant));

  test("is left as it is where it is no instant", () => {
    for (const text of ["infinity", "-infinity", "0044-03-15 BC", "soon", "", null])
      expect(recordTime(text)).toBeNull();
  });
});

describe("the address of a record", () => {
  test.each([[["42"]], [["a/b?c#d", "退款 👍"]], [['"quoted"', ""]]])("comes back: %j", (key) => {
    const text = encodeKey(key);
    expect(text).toMatch(/^[\w-]+$/);
    expect(decodeKey(text)).toEqual(key);
  });

  test("of anything else is none", () => {
    for (const text of ["", "!", encodeKey([]), btoa("{}"), btoa("[1]"), "_____"])
      expect(decodeKey(text)).toBeNull();
  });

  test("carries what was searched for and the segment", () => {
    expect(recordHref({ datasetId: "d", key: ["1"], segmentId: "s" }, "a b")).toBe(
      "/records/d/WyIxIl0?q=a+b&segment=s",
    );
    expect(restoreHref("d", "cold", [["1"], ["2"]])).toBe(
      "/datasets/d/restore?from=cold&key=%5B%221%22%5D&key=%5B%222%22%5D",
    );
  });
});
