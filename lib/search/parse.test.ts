import { describe, expect, it } from "vitest";
import { AppError } from "@/lib/errors";
import { parseQuery } from "./parse";

const terms = (q: string) => parseQuery(q, "byNothing").terms;
const keyOf = (run: () => unknown): string | undefined => {
  try {
    run();
  } catch (error) {
    return error instanceof AppError && error.code === "bad_input" ? error.key : "another error";
  }
  return undefined;
};

describe("parseQuery", () => {
  it("takes words and phrases apart", () => {
    expect(terms('Quick "Brown  Fox" quick')).toEqual(["quick", "brown  fox"]);
    expect(terms("“连接 超时” 归档")).toEqual(["连接 超时", "归档"]);
    expect(terms('say "unclosed phrase')).toEqual(["say", "unclosed phrase"]);
    expect(terms("100%_done\\")).toEqual(["100%_done\\"]);
    expect(terms("归档")).toEqual(["归档"]);
    expect(terms("nul\u0000here")).toEqual(["nul", "here"]);
  });

  it("says why a search is refused", () => {
    expect(keyOf(() => terms(""))).toBe("searchEmpty");
    expect(keyOf(() => terms('  "" '))).toBe("searchEmpty");
    expect(keyOf(() => terms("a"))).toBe("searchTooShort");
    expect(keyOf(() => terms("中 文"))).toBe("searchTooShort");
    expect(keyOf(() => terms("x".repeat(501)))).toBe("searchTooLong");
    expect(keyOf(() => terms(Array.from({ length: 13 }, (_, i) => `w${i}`).join(" ")))).toBe(
      "searchTooManyWords",
    );
  });

  it("lets filters narrow what words do not", () => {
    expect(parseQuery("", "byFilters").terms).toEqual([]);
    expect(parseQuery("a", "byFilters").terms).toEqual(["a"]);
    expect(terms("a bc")).toEqual(["a", "bc"]);
  });
});
