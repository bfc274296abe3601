import { expect, test } from "vitest";
import { AppError } from "@/lib/errors";
import { planInputSchema } from "@/lib/schemas/plan";
import { getRecordSchema } from "@/lib/schemas/record";
import { searchInputSchema } from "@/lib/schemas/search";
import { createStoreSchema } from "@/lib/schemas/store";
import { parse } from "@/lib/services/parse";

const fieldsOf = (work: () => unknown): string[] => {
  try {
    work();
  } catch (error) {
    if (error instanceof AppError && error.code === "bad_input") return Object.keys(error.fields ?? {});
    throw error;
  }
  return [];
};

test("a NUL is refused at its field, however deep", () => {
  expect(fieldsOf(() => parse(searchInputSchema, { q: "x", user: "a\0b" }))).toEqual(["user"]);
  expect(fieldsOf(() => parse(getRecordSchema, { datasetId: "d", key: ["1", "\0"] }))).toEqual(["key.1"]);
  const store = { name: "s", kind: "postgres", config: { host: "h\0" } };
  expect(fieldsOf(() => parse(createStoreSchema, store))).toEqual(["config.host"]);
  const keys = { kind: "restore", params: { datasetId: "d", from: "cold", keys: [["\0"]] } };
  expect(fieldsOf(() => parse(planInputSchema, keys))).toEqual(["params.keys.0.0"]);
});

test("half of a character is refused as well, whole ones of any script are not", () => {
  expect(fieldsOf(() => parse(getRecordSchema, { datasetId: "d", key: ["\ud83d"] }))).toEqual(["key.0"]);
  const q = "\u0001 归档 👍 \ufffd";
  expect(parse(searchInputSchema, { q }).q).toBe(q);
});

test("what is far too deep or not an object at all is bad input", () => {
  const deep = JSON.parse(`${"[".repeat(5_000)}${"]".repeat(5_000)}`);
  expect(fieldsOf(() => parse(planInputSchema, deep))).toEqual(["form"]);
  expect(fieldsOf(() => parse(searchInputSchema, null))).toEqual(["form"]);
});
