import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { startEmbedded } from "@/lib/control/embedded";
import { migrate } from "@/lib/control/migrate";
import { createDatabase } from "@/lib/control/provision";

declare module "vitest" {
  interface ProvidedContext {
    /** Superuser URL of the test cluster. */
    clusterUrl: string;
  }
}

export const TEMPLATE_DATABASE = "control_template";

/** Starts one PostgreSQL for a whole run of vitest, with a migrated template, and removes it at the end. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = mkdtempSync(join(tmpdir(), "strata-test-"));
  const settings = {
    fsync: "off",
    synchronous_commit: "off",
    full_page_writes: "off",
    max_connections: "200",
    max_prepared_transactions: "10",
  };
  const server = await startEmbedded({ dataDir, settings });
  await createDatabase(server.url("postgres"), TEMPLATE_DATABASE);
  await migrate(server.url(TEMPLATE_DATABASE));
  project.provide("clusterUrl", server.url("postgres"));
  return async () => {
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  };
}
