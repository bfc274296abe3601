import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { type EmbeddedPostgres, startEmbedded } from "@/lib/control/embedded";
import { queryAt, queryDemo } from "./database";
import { demo } from "./demo";
import { spoilableFolder } from "./folder-trouble";
import {
  ARCHIVE_TABLE,
  expectGreenProof,
  logOf,
  openDataset,
  planArchive,
  runPlan,
  stateOf,
  throttlePlan,
} from "./operations";
import { descendants } from "./processes";
import { expect, test } from "./story";

const count = async (sql: string): Promise<number> =>
  Number((await queryDemo(`SELECT count(*) AS n ${sql}`))[0]?.n);

test("G: the worker is killed in mid-archive: the page says so, and it ends by itself with a green proof", async ({
  page,
}) => {
  test.setTimeout(240_000);
  const before = Math.floor(Date.now() / 1000);
  const old = `created_at < ${before}`;
  const all = await count(`FROM newapi.logs WHERE ${old}`);
  const archivedBefore = await archived();
  await planArchive(page, "logs", { days: 250, target: ARCHIVE_TABLE });
  await throttlePlan(page, 40, "5 %");
  await runPlan(page, /^Archive [\d,]+ rows?/, "logs");
  await expect(stateOf(page)).toContainText("running");
  await expect.poll(archived, { timeout: 30_000 }).toBeGreaterThan(archivedBefore);

  const killed = Date.now();
  const workers = descendants(demo().pid, "lib/jobs/worker.ts");
  expect(workers.length).toBeGreaterThan(0);
  for (const pid of workers) process.kill(pid, "SIGKILL");
  await expect(page.getByText("Its worker is gone.").or(page.getByText("take 2")).first()).toBeVisible({
    timeout: 30_000,
  });
  expect(Date.now() - killed).toBeLessThan(30_000);
  await expect(logOf(page)).toContainText("take 2", { timeout: 60_000 });
  await page.getByLabel("Batch, rows at most").fill("5000");
  await page.getByLabel("Share of time working").selectOption({ label: "100 %" });
  await page.getByRole("button", { name: "Apply" }).click();
  await expectGreenProof(page, 120_000);
  expect(await count(`FROM newapi.logs WHERE ${old}`)).toBe(all - ((await archived()) - archivedBefore));
  expect(await count("FROM newapi.logs JOIN newapi.logs_archive USING (id)")).toBe(0);
});

async function archived(): Promise<number> {
  const [there] = await queryDemo("SELECT to_regclass('newapi.logs_archive') IS NOT NULL AS yes");
  return there?.yes ? count("FROM newapi.logs_archive") : 0;
}

test.describe("G: a database that goes away", () => {
  let dataDir: string;
  let server: EmbeddedPostgres;

  test.beforeAll("a PostgreSQL of its own, with a table to archive", async () => {
    dataDir = mkdtempSync(join(tmpdir(), "strata-e2e-away-"));
    server = await startEmbedded({ dataDir });
    await queryAt(
      server.url("postgres"),
      `CREATE TABLE chat_logs (id bigint PRIMARY KEY, created_at timestamptz NOT NULL, body text);
       INSERT INTO chat_logs SELECT n, now() - interval '200 days' + n * interval '1 second', repeat('word ', 40) || n FROM generate_series(1, 20000) n;
       CREATE INDEX ON chat_logs (created_at, id);
       ANALYZE chat_logs`,
    );
  });

  test.afterAll("it ends", async () => {
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  test("pages still answer, the store is red, the operation waits and goes on", async ({ page, noise }) => {
    test.setTimeout(240_000);
    noise.push(/50[34]/);
    const { port, user, password } = server.address;
    await addStore(page, "away", {
      host: "127.0.0.1",
      port: String(port),
      database: "postgres",
      user,
      password,
    });
    await enableWrites(page, "away");
    await manageTable(page, "chat_logs");
    await planArchive(page, "chat_logs", { days: 100, target: ARCHIVE_TABLE });
    await throttlePlan(page, 50, "5 %");
    await runPlan(page, /^Archive [\d,]+ rows?/, "chat_logs");
    await expect(stateOf(page)).toContainText("running");
    const operation = page.url();
    const moved = async () => Number((await queryAt(server.url("postgres"), MOVED))[0]?.n);
    await expect.poll(moved, { timeout: 30_000 }).toBeGreaterThan(0);

    await server.stop();
    await expect(stateOf(page)).toContainText("waiting", { timeout: 30_000 });
    for (const path of ["/", "/stores", "/datasets", "/operations", "/search?q=word"]) {
      const startedAt = Date.now();
      await page.goto(path);
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      expect(Date.now() - startedAt, path).toBeLessThan(8_000);
    }
    await page.goto("/stores");
    const row = page.getByRole("row").filter({ hasText: "away" });
    await expect
      .poll(
        async () => {
          await page.reload();
          return row.innerText();
        },
        { timeout: 40_000, intervals: [3_000] },
      )
      .toContain("went silent");

    server = await startEmbedded({ dataDir });
    await page.goto(operation);
    await page.getByLabel("Batch, rows at most").fill("5000");
    await page.getByLabel("Share of time working").selectOption({ label: "100 %" });
    await page.getByRole("button", { name: "Apply" }).click();
    const proof = await expectGreenProof(page, 120_000);
    expect(proof).toEqual({ source: 20_000, target: 20_000 });
    expect(Number((await queryAt(server.url("postgres"), MOVED))[0]?.n)).toBe(20_000);
  });
});

const MOVED =
  "SELECT CASE WHEN to_regclass('chat_logs_archive') IS NULL THEN 0 ELSE (xpath('/row/n/text()', query_to_xml('SELECT count(*) AS n FROM chat_logs_archive', false, true, '')))[1]::text::int END AS n";

test("G: a folder that refuses to be written stops the archive with its reason, hot untouched", async ({
  page,
}) => {
  const path = mkdtempSync(join(tmpdir(), "strata-e2e-full-"));
  const folder = join(path, "segments");
  const spoilable = spoilableFolder(folder);
  test.skip(spoilable === null, "this machine lets nobody make a folder that root cannot write");
  try {
    await addFolder(page, "refusing", folder);
    await enableWrites(page, "refusing");
    const old =
      "FROM gateway.conversations WHERE created_at < extract(epoch FROM now() - interval '170 days')";
    const before = await count(old);
    expect(before).toBeGreaterThan(0);
    await planArchive(page, "conversations", { days: 170, target: /^Cold storage in refusing/ });
    spoilable?.spoil();
    await runPlan(page, /^Archive [\d,]+ rows?/, "conversations");
    await expect(stateOf(page)).toContainText("failed", { timeout: 60_000 });
    await expect(page.getByRole("main")).toContainText(folder);
    await expect(page.getByRole("main")).toContainText(/read-only|reading only|does not let|may not/i);
    await expect(page.getByRole("main")).toContainText("The operation failed. This covers what was done");
    await expect(page.getByRole("table", { name: "Left hot, untouched" })).toContainText("conversations");
    expect(await count(old)).toBe(before);
  } finally {
    spoilable?.remove();
    rmSync(path, { recursive: true, force: true });
  }
});

async function addStore(page: Page, name: string, fields: Record<string, string>): Promise<void> {
  await page.goto("/stores/new");
  const labels = { host: "Host", port: "Port", database: "Database", user: "User", password: "Password" };
  for (const [field, label] of Object.entries(labels)) {
    await page.getByLabel(label, { exact: true }).fill(fields[field] ?? "");
  }
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByRole("button", { name: "Save store" }).click();
  await expect(page).toHaveURL(/\/stores\/[^/]+\?tab=tables/, { timeout: 30_000 });
}

async function addFolder(page: Page, name: string, path: string): Promise<void> {
  await page.goto("/stores/new");
  await page.getByRole("radio", { name: /^Folder/ }).press("Space");
  await page.getByLabel("Folder", { exact: true }).last().fill(path);
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByRole("button", { name: "Save store" }).click();
  await expect(page).toHaveURL(/\/stores\/(?!new)[^/]+/, { timeout: 30_000 });
}

/** On the page of the store that was just added. */
async function enableWrites(page: Page, name: string): Promise<void> {
  await page.getByRole("switch", { name: /Read-only/ }).click();
  await page
    .getByRole("alertdialog")
    .getByRole("button", { name: `Enable writes on ${name}` })
    .click();
  await expect(page.getByRole("switch", { name: /Writes are enabled/ })).toBeVisible();
}

async function manageTable(page: Page, table: string): Promise<void> {
  await page.getByRole("row").filter({ hasText: table }).getByRole("link", { name: "Manage…" }).click();
  await page.getByRole("button", { name: `Manage ${table}` }).click();
  await expect(page).toHaveURL(/\/datasets\/(?!new)[^/]+/, { timeout: 30_000 });
  await openDataset(page, table);
}
