import { afterEach, expect, it } from "vitest";
import { migrationDiff } from "@/lib/control/diff";
import { migrate } from "@/lib/control/migrate";
import { readMigrations } from "@/lib/control/migration-files";
import { withClient } from "@/lib/control/provision";
import { type TestDatabase, testDatabase } from "@/lib/control/testing";

let database: TestDatabase | undefined;
afterEach(async () => {
  await database?.drop();
  database = undefined;
});

it("applies all migrations once, from two starters at the same time", async () => {
  database = await testDatabase("empty");
  const { url } = database;
  const both = await Promise.all([migrate(url), migrate(url)]);
  expect(both.flat()).toEqual(readMigrations().map((file) => file.name));
  expect(await migrate(url)).toEqual([]);
});

it("agrees with schema.prisma", async () => {
  database = await testDatabase("control");
  expect(await migrationDiff(database.url)).toBe("");
});

it("refuses a database that another build made, and one with a failed migration", async () => {
  database = await testDatabase("control");
  const { url } = database;
  await withClient(url, (client) => client.query("UPDATE _prisma_migrations SET checksum = 'other'"));
  await expect(migrate(url)).rejects.toMatchObject({ code: "conflict" });
  await withClient(url, (client) => client.query("UPDATE _prisma_migrations SET finished_at = NULL"));
  await expect(migrate(url)).rejects.toMatchObject({ code: "conflict" });
});

it("says that the database does not answer", async () => {
  await expect(migrate("postgres://nobody@127.0.0.1:1/none")).rejects.toMatchObject({ code: "unreachable" });
});
