import { test } from "vitest";
import { addressVariable, BY_ADDRESS_ONLY, SERVER_KINDS } from "@/lib/stores/testing/server-kinds";

/** Servers that are no recipe of their own under e2e/servers, and how each comes here. */
export const TEST_SERVERS: Readonly<Record<string, string>> = {
  "postgresql-14": "source e2e/servers/postgresql.sh",
  "postgresql-15": "source e2e/servers/postgresql.sh",
  "postgresql-16": "source e2e/servers/postgresql.sh",
  "postgresql-17": "source e2e/servers/postgresql.sh",
  ...Object.fromEntries(Object.keys(BY_ADDRESS_ONLY).map((name) => [name, `set ${addressVariable(name)}`])),
  ...Object.fromEntries(SERVER_KINDS.map(({ name }) => [name, `npm run servers -- --only ${name}`])),
};

/** vitest hands the process's variables on in import.meta.env. */
export function variable(name: string): string | undefined {
  const { env } = import.meta as unknown as { env?: Record<string, string | undefined> };
  return env?.[name];
}

/** The names in STRATA_REQUIRED_SERVERS: what must not be skipped. */
export function requiredServers(): string[] {
  return (variable("STRATA_REQUIRED_SERVERS") ?? "").split(/[\s,]+/).filter((name) => name !== "");
}

/**
 * Stands where the tests of an absent server would: skipped by name, or failed when the server is required. The
 * run's end names those that were skipped (testing/absent-reporter.ts).
 */
export function absentServer(name: string): void {
  const said = `${name} is not here (${TEST_SERVERS[name] ?? "see e2e/servers"})`;
  if (requiredServers().includes(name)) {
    test(`${name} is required`, () => {
      throw new Error(said);
    });
    return;
  }
  test.skip(said, () => undefined);
}
