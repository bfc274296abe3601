import { findServer, type TestServer } from "@/lib/stores/testing/server-file";

/** The server of that name, outside of vitest (stories and benchmarks); null when it is not here. */
export function runningServer(name: string): TestServer | null {
  return findServer(name, (variable) => process.env[variable] || undefined);
}
