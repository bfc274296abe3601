import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { foldCase, highlightRanges } from "./highlight";

describe("foldCase", () => {
  it("keeps every offset", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(foldCase(text)).toHaveLength(text.length);
        expect(foldCase(foldCase(text))).toBe(foldCase(text));
      }),
    );
  });

  it("folds letter by letter", () => {
    expect(foldCase("ΟΔΟΣ İstanbul ẞ É Ж 𐐀 K")).toBe("οδοσ istanbul ß é ж 𐐨 k");
  });
});

describe("highlightRanges", () => {
  it("finds any case, phrases and Chinese, and joins what overlaps", () => {
    expect(highlightRanges("Error: ERROR", ["error"])).toEqual([
      [0, 5],
      [7, 12],
    ]);
    expect(highlightRanges("abcd", ["abc", "bcd"])).toEqual([[0, 4]]);
    expect(highlightRanges("把日志归档到冷存储", ["归档", "冷存储"])).toEqual([
      [3, 5],
      [6, 9],
    ]);
    expect(highlightRanges("time out, timed out", ["time out"])).toEqual([[0, 8]]);
    expect(highlightRanges("nothing", ["absent", ""])).toEqual([]);
  });
});
