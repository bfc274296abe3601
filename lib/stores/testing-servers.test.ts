import { expect, test } from "vitest";
import { requiredServers, TEST_SERVERS } from "@/lib/stores/testing-servers";

test("every required server is one that some test asks for", () => {
  expect(requiredServers().filter((name) => !(name in TEST_SERVERS))).toEqual([]);
});
