import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const prismaDir = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "prisma");

export const migrationsDir = join(prismaDir, "migrations");

export interface MigrationFile {
  /** Folder name, which is also its order: YYYYMMDDhhmmss_name. */
  name: string;
  sql: string;
  /** SHA-256 in hex of the file, as `_prisma_migrations.checksum` holds it. */
  checksum: string;
}

/** All migrations in the order they are applied. */
export function readMigrations(): MigrationFile[] {
  return readdirSync(migrationsDir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(migrationsDir, entry.name, "migration.sql")))
    .map((entry) => entry.name)
    .sort()
    .map((name) => {
      const sql = readFileSync(join(migrationsDir, name, "migration.sql"), "utf8");
      return { name, sql, checksum: createHash("sha256").update(sql).digest("hex") };
    });
}

/** schema.prisma in the form the engine takes. */
export function readSchema(): { path: string; content: string } {
  const path = join(prismaDir, "schema.prisma");
  return { path, content: readFileSync(path, "utf8") };
}

/** The same migrations in the form the engine takes. */
export function migrationList() {
  const lock = join(migrationsDir, "migration_lock.toml");
  return {
    baseDir: migrationsDir,
    lockfile: { path: "migration_lock.toml", content: existsSync(lock) ? readFileSync(lock, "utf8") : null },
    shadowDbInitScript: "",
    migrationDirectories: readMigrations().map(({ name, sql }) => ({
      path: name,
      migrationFile: { path: "migration.sql", content: { tag: "ok" as const, value: sql } },
    })),
  };
}
