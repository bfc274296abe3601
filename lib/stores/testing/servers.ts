import { absentServer, variable } from "@/lib/stores/testing-servers";
import { findServer, type TestServer } from "./server-file";

/**
 * The server a test file runs against, by its name in SERVER_KINDS or BY_ADDRESS_ONLY: from
 * `STRATA_TEST_<NAME>_URL`, else from what `npm run servers` has started. Null when it is not here: then its name
 * is printed and a skipped test stands for it, or a failing one when STRATA_REQUIRED_SERVERS names it.
 *
 * Call it at the top of the file: `const server = testServer("mariadb"); describe.skipIf(!server)(…)`.
 */
export function testServer(name: string): TestServer | null {
  const server = findServer(name, variable);
  if (!server) absentServer(name);
  return server;
}
