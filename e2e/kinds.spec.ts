import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import type { Page } from "@playwright/test";
import type { TestServer } from "@/lib/stores/testing/server-file";
import { expectAccessible } from "./axe";
import { elasticsearchStory, opensearchStory } from "./kinds/elasticsearch";
import { type KindStory, NEW_ROWS, OLD_ROWS, seedRows } from "./kinds/kind-story";
import { logstoreStory, startLogstore } from "./kinds/logstore";
import { mongodbStory } from "./kinds/mongodb";
import { mysqlStory } from "./kinds/mysql";
import { postgresStory } from "./kinds/postgres";
import { redisStory } from "./kinds/redis";
import { expectGreenProof, openDataset, planArchive, runPlan, stateOf } from "./operations";
import { runningServer } from "./servers/testing";
import { expect, test } from "./story";

const STORIES: readonly KindStory[] = [
  postgresStory,
  mysqlStory,
  elasticsearchStory,
  opensearchStory,
  mongodbStory,
  redisStory,
];
/** Cards of the form, by kind. */
const LABELS: Readonly<Record<string, string>> = {
  postgres: "PostgreSQL",
  mysql: "MySQL / MariaDB",
  elasticsearch: "Elasticsearch / OpenSearch",
  mongodb: "MongoDB",
  redis: "Redis, Valkey",
  logstore: "Aliyun LogStore",
  s3: "S3",
};
const BUCKET = "strata-story";
const S3_NAME = "story s3";
const minio = runningServer("minio");

/** Adds a store by its card and its address, and stays on its page. */
async function addStore(page: Page, kind: string, address: string, name: string): Promise<void> {
  await page.goto("/stores/new");
  await page.getByRole("radio", { name: LABELS[kind] ?? kind, exact: true }).check();
  await page.getByLabel("Paste an address").fill(address);
  await page.getByRole("button", { name: "Take apart" }).click();
  await expect(page.getByLabel("Paste an address")).toHaveValue(""); // the fields hold it now
  await page.getByRole("button", { name: "Test connection" }).click();
  await expect(page.getByRole("region", { name: "Result of the test" })).toContainText("It answers.", {
    timeout: 20_000,
  });
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByRole("button", { name: "Save store" }).click();
  await expect(page).toHaveURL(/\/stores\/(?!new)[^/]+/, { timeout: 30_000 });
}

async function enableWrites(page: Page, name: string): Promise<void> {
  await page.getByRole("switch", { name: /Read-only/ }).click();
  await page
    .getByRole("alertdialog")
    .getByRole("button", { name: `Enable writes on ${name}` })
    .click();
  await expect(page.getByRole("switch", { name: /Writes are enabled/ })).toBeVisible();
  await expect(page.getByRole("alertdialog")).toHaveCount(0); // it fades, and axe would look at it half gone
}

async function makeBucket(server: TestServer): Promise<void> {
  const client = new S3Client({
    endpoint: `http://${server.host}:${server.port}`,
    region: server.parameters.region ?? "us-east-1",
    forcePathStyle: true,
    credentials: { accessKeyId: server.user, secretAccessKey: server.password },
  });
  await client.send(new CreateBucketCommand({ Bucket: BUCKET })).catch((error: { name: string }) => {
    if (!/BucketAlready/.test(error.name)) throw error;
  });
  client.destroy();
}

/** Rows found for a word, by their tier. */
async function foundIn(page: Page, word: string, tier: "hot" | "cold"): Promise<void> {
  await page.goto("/search");
  const box = page.getByRole("searchbox", { name: "Search all conversations" });
  await box.fill(word);
  await box.press("Enter");
  const results = page.getByRole("table", { name: "Rows found" });
  await expect(results.getByRole("row").filter({ hasText: tier }).first()).toBeVisible({ timeout: 30_000 });
  await expect(results.locator("mark").first()).toBeVisible();
}

/** A store of one kind from its first address to the end of an archive, and back. */
async function tell(page: Page, story: KindStory, server: TestServer): Promise<void> {
  const word = `needle${story.server.replaceAll("-", "")}${Date.now().toString(36)}`;
  const table = await story.seed(server, seedRows(word));
  const name = `story ${story.server}`;
  const dataset = `${story.server} logs`;

  await addStore(page, story.kind, story.address(server), name);
  await enableWrites(page, name);
  await expectAccessible(page);
  await page.getByRole("link", { name: /^Tables/ }).click();
  const row = page.getByRole("row").filter({ hasText: table });
  await row.getByRole("link", { name: "Manage…" }).first().click();
  await page.getByLabel("Name", { exact: true }).fill(dataset);
  await page.getByRole("button", { name: `Manage ${table}` }).click();
  await expect(page).toHaveURL(/\/datasets\/(?!new)[^/]+/, { timeout: 30_000 });
  await foundIn(page, `fresh ${word}`, "hot");

  await planArchive(page, dataset, { days: 100, target: new RegExp(`^Cold storage in ${S3_NAME}`) });
  await runPlan(page, /^Archive [\d,]+ rows?/, dataset);
  expect(await expectGreenProof(page)).toEqual({ source: OLD_ROWS, target: OLD_ROWS });
  expect(await story.count(server)).toBe(story.leavesByExpiry ? OLD_ROWS + NEW_ROWS : NEW_ROWS);
  await foundIn(page, `frozen ${word}`, story.leavesByExpiry ? "hot" : "cold");

  if (story.restores) {
    await openDataset(page, dataset);
    await page.getByRole("link", { name: "Restore", exact: true }).click();
    await page.getByRole("radio", { name: /^Cold storage/ }).check();
    await page.getByRole("button", { name: "Make a plan" }).click();
    await expect(page).toHaveURL(/\/plans\//, { timeout: 60_000 });
    await runPlan(page, /^Restore [\d,]+ rows?/, dataset);
    await expectGreenProof(page);
    expect(await story.count(server)).toBe(OLD_ROWS + NEW_ROWS);
  }
  if (story.optimize) {
    await openDataset(page, dataset);
    await page.getByRole("link", { name: "Optimize", exact: true }).first().click();
    await page.getByRole("button", { name: story.optimize }).first().click();
    await expect(page).toHaveURL(/\/plans\//, { timeout: 30_000 });
    await runPlan(page, /^Run it/);
    await expect(stateOf(page)).toContainText("succeeded", { timeout: 60_000 });
  }
}

test.describe
  .serial("every kind of store, archived to S3", () => {
    test.skip(!minio, "minio is not here (npm run servers)");

    test("an S3 bucket is added and takes segments", async ({ page }) => {
      if (!minio) return;
      await makeBucket(minio);
      const url = new URL(minio.url);
      url.pathname = `/${BUCKET}`;
      await addStore(page, "s3", url.href, S3_NAME);
      await enableWrites(page, S3_NAME);
      await expectAccessible(page);
    });

    for (const story of STORIES) {
      test(`${story.server}: added, seen, searched, archived, restored, optimized`, async ({ page }) => {
        const server = runningServer(story.server);
        test.skip(!server, `${story.server} is not here (npm run servers)`);
        test.setTimeout(240_000);
        if (server) await tell(page, story, server);
      });
    }

    test("logstore, by its double: added, seen, searched, archived while rows stay", async ({ page }) => {
      test.setTimeout(240_000);
      await tell(page, logstoreStory, await startLogstore());
    });
  });
