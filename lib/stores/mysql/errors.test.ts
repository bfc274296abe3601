import { inspect } from "node:util";
import { expect, test } from "vitest";
import { toStoreError } from "@/lib/stores/mysql/errors";

test("an error does not carry the statement with its values, however deep it is printed", () => {
  const cause = Object.assign(new Error("Duplicate entry"), { errno: 1062, sql: "INSERT … 'hunter2'" });
  expect(inspect(toStoreError(cause), { depth: 20, showHidden: true })).not.toContain("hunter2");
});
