import { expect, test } from "vitest";
import { csvCell, csvLine } from "@/lib/format/csv";

test.each([
  ["=1+2", `"'=1+2"`],
  ["@SUM(A1)", `"'@SUM(A1)"`],
  ["+cmd|' /C calc'!A0", `"'+cmd|' /C calc'!A0"`],
  ["-2+3", `"'-2+3"`],
  ["\tx", `"'\tx"`],
  ["\n=1+2", `"'\n=1+2"`],
])("guards %j against being read as a formula", (value, cell) => {
  expect(csvCell(value)).toBe(cell);
});

test.each(["-1", "+1.5", "-0.25", "1e5", "-1.2E-7", "12", "0"])("leaves the number %s as it is", (value) => {
  expect(csvCell(value)).toBe(value);
});

test("quotes what would break a line and doubles quotes", () => {
  expect(csvCell('say "hi", now\nplease')).toBe('"say ""hi"", now\nplease"');
  expect(csvCell("退款")).toBe("退款");
});

test("tells nothing from an empty text only by staying empty", () => {
  expect(csvLine([null, "", "a"])).toBe(",,a\r\n");
});
