import { Client } from "pg";
import { type MigrationFile, migrationList, readMigrations } from "@/lib/control/migration-files";
import { AppError } from "@/lib/errors";

/** Any fixed number: two starters take turns on it. */
const LOCK_KEY = 7_270_736_901;

/**
 * Brings the control DB to the newest migration. Returns the names applied now, in order: none, after one
 * SELECT and without loading the engine, when it is there already. Safe to call from several processes at once.
 * Throws `conflict` when a migration was changed after it was applied or failed before, `unreachable` when the
 * database does not answer.
 */
export async function migrate(url: string): Promise<string[]> {
  const client = new Client({
    connectionString: url,
    connectionTimeoutMillis: 10_000,
    application_name: "strata migrate",
  });
  try {
    await client.connect();
  } catch (cause) {
    throw new AppError("unreachable", "Strata's own database does not answer, so nothing was started.", {
      key: "controlUnreachable",
      cause,
    });
  }
  try {
    const wanted = readMigrations();
    if (await upToDate(client, wanted)) return [];
    await client.query("SELECT pg_advisory_lock($1)", [LOCK_KEY]);
    if (await upToDate(client, wanted)) return [];
    return await applyAll(url);
  } finally {
    await client.end();
  }
}

interface AppliedRow {
  migration_name: string;
  checksum: string;
  finished_at: Date | null;
}

async function upToDate(client: Client, wanted: MigrationFile[]): Promise<boolean> {
  const applied = await appliedMigrations(client);
  const known = new Map(wanted.map((file) => [file.name, file]));
  for (const row of applied) {
    const file = known.get(row.migration_name);
    if (!row.finished_at) throw failedBefore(row.migration_name);
    if (!file) throw newerDatabase(row.migration_name);
    if (file.checksum !== row.checksum) throw changedAfterwards(row.migration_name);
  }
  return applied.length === wanted.length;
}

async function appliedMigrations(client: Client): Promise<AppliedRow[]> {
  const found = await client.query("SELECT to_regclass('_prisma_migrations') IS NOT NULL AS there");
  if (found.rows[0]?.there !== true) return [];
  const { rows } = await client.query<AppliedRow>(
    "SELECT migration_name, checksum, finished_at FROM _prisma_migrations WHERE rolled_back_at IS NULL",
  );
  return rows;
}

async function applyAll(url: string): Promise<string[]> {
  const { withSchemaEngine } = await import("@/lib/control/schema-engine");
  const filters = { externalTables: [], externalEnums: [] };
  try {
    return await withSchemaEngine(url, async (engine) => {
      const result = await engine.applyMigrations({ migrationsList: migrationList(), filters });
      return result.appliedMigrationNames;
    });
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause);
    throw new AppError("internal", `Strata's own database could not be brought up to date: ${said}`, {
      cause,
    });
  }
}

const conflict = (sentence: string): AppError =>
  new AppError("conflict", `${sentence} Your stores are not touched, and nothing was started.`);

const failedBefore = (name: string): AppError =>
  conflict(
    `The change "${name}" of Strata's own database failed half-way in an earlier start. Restore it from a backup.`,
  );

const newerDatabase = (name: string): AppError =>
  conflict(`Strata's own database was made by a newer Strata (it has "${name}"). Start that version.`);

const changedAfterwards = (name: string): AppError =>
  conflict(
    `Strata's own database was made by another build of Strata ("${name}" differs). Start that build, or begin anew with --reset.`,
  );
