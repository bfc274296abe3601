import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { requiredServers, TEST_SERVERS } from "@/lib/stores/testing-servers";

const recipes = readdirSync(join(import.meta.dirname, "../../e2e/servers"), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

test("every required server is one that some test asks for", () => {
  const known = new Set([...Object.keys(TEST_SERVERS), ...recipes]);
  expect(requiredServers().filter((name) => !known.has(name))).toEqual([]);
});
