import { describe, expect, test } from "vitest";
import { negotiateLocale } from "./negotiate-locale";
import { parseTheme, parseTimeZone } from "./preferences";

describe("negotiateLocale", () => {
  test("a cookie wins over the header", () => {
    expect(negotiateLocale("zh", "en-GB")).toBe("zh");
  });
  test("an unknown cookie is ignored", () => {
    expect(negotiateLocale("xx", "zh-CN,zh;q=0.9,en;q=0.8")).toBe("zh");
  });
  test("quality decides, and q=0 excludes", () => {
    expect(negotiateLocale(undefined, "de;q=0.9, en;q=0.2, zh-TW;q=0.8")).toBe("zh");
    expect(negotiateLocale(undefined, "zh;q=0, fr")).toBe("en");
  });
  test("nothing known gives English", () => {
    expect(negotiateLocale(undefined, null)).toBe("en");
    expect(negotiateLocale(undefined, "*")).toBe("en");
  });
});

describe("preferences", () => {
  test("an unknown zone becomes UTC, an encoded one is read", () => {
    expect(parseTimeZone("Nowhere/Land")).toBe("UTC");
    expect(parseTimeZone("Asia%2FShanghai")).toBe("Asia/Shanghai");
    expect(parseTimeZone("%E0%A4%A")).toBe("UTC");
  });
  test("an unknown theme follows the system", () => {
    expect(parseTheme("neon")).toBe("system");
    expect(parseTheme("dark")).toBe("dark");
  });
});
