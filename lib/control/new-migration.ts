// tsx lib/control/new-migration.ts NAME: writes what schema.prisma has and the migrations have not, as a new one.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { migrationDiff } from "@/lib/control/diff";
import { startEmbedded } from "@/lib/control/embedded";
import { migrate } from "@/lib/control/migrate";
import { migrationsDir } from "@/lib/control/migration-files";

const name = process.argv[2];
if (!name || !/^[a-z0-9_]+$/.test(name)) {
  console.error(
    "Name the migration in small letters, digits and underscores: tsx lib/control/new-migration.ts NAME",
  );
  process.exit(2);
}
const folder = mkdtempSync(join(tmpdir(), "strata-migration-"));
const server = await startEmbedded({ dataDir: folder, settings: { fsync: "off" } });
try {
  mkdirSync(migrationsDir, { recursive: true });
  writeFileSync(join(migrationsDir, "migration_lock.toml"), 'provider = "postgresql"\n');
  await migrate(server.url("postgres"));
  const sql = await migrationDiff(server.url("postgres"));
  if (sql === "") {
    console.log("schema.prisma and the migrations agree: nothing was written.");
  } else {
    const stamp = new Date().toISOString().replace(/\D/g, "").slice(0, 14);
    const target = join(migrationsDir, `${stamp}_${name}`);
    mkdirSync(target);
    writeFileSync(join(target, "migration.sql"), sql);
    console.log(join(target, "migration.sql"));
  }
} finally {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}
