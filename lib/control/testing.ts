import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inject, vi } from "vitest";
import { closeDatabase } from "@/lib/control/database";
import { createDatabase, dropDatabase } from "@/lib/control/provision";
import { forgetSecret } from "@/lib/control/secret";
import { TEMPLATE_DATABASE } from "@/lib/control/testing-setup";
import { resetEnv } from "@/lib/env";

export interface TestCluster {
  /** Superuser URL of its database `postgres`. */
  adminUrl: string;
  url(database: string): string;
}

export interface TestDatabase {
  name: string;
  url: string;
  drop(): Promise<void>;
}

/** The PostgreSQL 18 that all tests of this run share (with contrib and pg_stat_statements loaded). */
export function testCluster(): TestCluster {
  const adminUrl = inject("clusterUrl");
  return {
    adminUrl,
    url(database) {
      const url = new URL(adminUrl);
      url.pathname = `/${encodeURIComponent(database)}`;
      return url.href;
    },
  };
}

/** A database of one's own: `empty`, or `control` with all migrations applied. Drop it in afterAll. */
export async function testDatabase(kind: "empty" | "control" = "empty"): Promise<TestDatabase> {
  const cluster = testCluster();
  const name = `t_${randomBytes(6).toString("hex")}`;
  await createDatabase(cluster.adminUrl, name, kind === "control" ? TEMPLATE_DATABASE : "template0");
  return { name, url: cluster.url(name), drop: () => dropDatabase(cluster.adminUrl, name) };
}

export interface TestControl extends TestDatabase {
  /** The data folder that STRATA_DATA names meanwhile. */
  dataDir: string;
}

/**
 * A fresh control DB that `db()`, `pool()`, `env()` and the secrets use until `drop()`, which removes it again.
 * `variables` are set in the environment as well.
 */
export async function testControl(variables: Record<string, string> = {}): Promise<TestControl> {
  const database = await testDatabase("control");
  const dataDir = mkdtempSync(join(tmpdir(), "strata-test-data-"));
  await forget();
  const all = { DATABASE_URL: database.url, STRATA_DATA: dataDir, STRATA_LOG: "silent", ...variables };
  for (const [name, value] of Object.entries(all)) vi.stubEnv(name, value);
  const drop = async () => {
    await forget();
    vi.unstubAllEnvs();
    await database.drop();
    rmSync(dataDir, { recursive: true, force: true });
  };
  return { ...database, dataDir, drop };
}

async function forget(): Promise<void> {
  await closeDatabase();
  forgetSecret();
  resetEnv();
}
