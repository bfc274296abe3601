import { renameSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Download, Page } from "@playwright/test";
import { queryDemo } from "./database";
import { demo } from "./demo";
import { ARCHIVE_TABLE, COLD, expectGreenProof, planArchive, runPlan } from "./operations";
import { session } from "./sign-in";
import { expect, test } from "./story";

const results = (page: Page) => page.getByRole("table", { name: "Rows found" });
const rows = (page: Page) =>
  results(page)
    .getByRole("row")
    .filter({ has: page.getByRole("link") });
const marks = (page: Page) => results(page).locator("mark");

async function search(page: Page, words: string): Promise<void> {
  await page.goto("/search");
  const box = page.getByRole("searchbox", { name: "Search all conversations" });
  await box.fill(words);
  await box.press("Enter");
  await expect(page).toHaveURL(/q=/);
}

const finished = (page: Page) =>
  expect(page.getByRole("status").filter({ hasText: /done|searched|missing/ })).not.toContainText(
    "searching",
    {
      timeout: 30_000,
    },
  );

test.describe("E: search", () => {
  test.beforeAll("something lies in every tier", async ({ browser }) => {
    test.setTimeout(180_000);
    const context = await browser.newContext({
      baseURL: demo().address,
      storageState: await session(demo()),
    });
    const page = await context.newPage();
    for (const [days, target] of [
      [300, COLD],
      [270, ARCHIVE_TABLE],
    ] as const) {
      const [old] = await queryDemo(
        `SELECT EXISTS (SELECT FROM dify.messages WHERE created_at < now() - interval '${days + 1} days') AS yes`,
      );
      if (!old?.yes) continue; // an earlier story took them
      await planArchive(page, "messages", { days, target });
      await runPlan(page, /^Archive [\d,]+ rows?/, "messages");
      await expectGreenProof(page);
    }
    await context.close();
  });

  test("one box finds a word in hot, archive and cold, names the tier of each row and marks the match", async ({
    page,
  }) => {
    await search(page, "refund");
    await expect(marks(page).first()).toHaveText(/refund/i);
    await finished(page);
    await page.goto("/search?q=refund&tier=cold");
    await expect(rows(page).first()).toContainText("cold");
    await page.goto("/search?q=refund&tier=archive");
    await expect(rows(page).first()).toContainText("archive");
  });

  test("two Chinese characters are enough", async ({ page }) => {
    await search(page, "退款");
    await expect(marks(page).first()).toHaveText("退款");
    expect(await rows(page).count()).toBeGreaterThan(0);
  });

  test("a phrase is found as it stands, its words in another order are not", async ({ page }) => {
    const [found] = await queryDemo(
      "SELECT substring(answer from '[a-z]+ [a-z]+ [a-z]+') AS words FROM dify.messages WHERE answer ~ '^[A-Z][a-z]+ [a-z]+ [a-z]+ [a-z]+' LIMIT 1",
    );
    const phrase = String(found?.words);
    await search(page, `"${phrase}"`);
    await expect(marks(page).first()).toHaveText(new RegExp(phrase, "i"));
    await search(page, `"${phrase.split(" ").reverse().join(" ")} zzqq"`);
    await expect(page.getByText("Nothing found")).toBeVisible({ timeout: 30_000 });
  });

  test("a rare word is found, and a filter on dataset and tier holds", async ({ page }) => {
    await search(page, "zephyrquartz");
    await finished(page);
    expect(await rows(page).count()).toBeGreaterThan(0);
    for (const mark of await marks(page).all()) await expect(mark).toHaveText(/zephyrquartz/i);
  });

  test("filters on user, model and tier hold, and stand in the address", async ({ page }) => {
    const [one] = await queryDemo(
      "SELECT username, model_name FROM gateway.conversations WHERE created_at > extract(epoch FROM now() - interval '60 days') GROUP BY 1, 2 ORDER BY count(*) DESC LIMIT 1",
    );
    const [user, model] = [String(one?.username), String(one?.model_name)];
    await page.goto("/search");
    await page.getByRole("button", { name: "Filters" }).click();
    await page.getByLabel("User", { exact: true }).fill(user);
    await page.getByLabel("User", { exact: true }).press("Enter");
    await expect(page).toHaveURL(/user=/);
    await page.getByLabel("Model", { exact: true }).fill(model);
    await page.getByLabel("Model", { exact: true }).press("Enter");
    await expect(page).toHaveURL(new RegExp(`user=${user}.*model=`));
    await finished(page);
    expect(await rows(page).count()).toBeGreaterThan(0);
    for (const row of await rows(page).all()) {
      await expect(row).toContainText(user);
      await expect(row).toContainText(model);
    }
    await page.getByRole("button", { name: "hot", exact: true }).click();
    await expect(page).toHaveURL(/tier=archive&tier=cold/);
  });

  test("a row opens as a conversation, with its facts and its family", async ({ page }) => {
    const [run] = await queryDemo(
      "SELECT r.id FROM dify.workflow_runs r WHERE r.status = 'succeeded' AND EXISTS (SELECT FROM dify.workflow_node_executions n WHERE n.workflow_run_id = r.id) ORDER BY r.created_at DESC LIMIT 1",
    );
    const [dataset] = (await (await page.request.get("/api/datasets")).json()).filter(
      (one: { name: string }) => one.name === "workflow_runs",
    );
    await page.goto(`/search?q=&dataset=${dataset.datasetId}`);
    expect(run?.id).toBeTruthy();
    await page.goto(`/search?q=the&dataset=${dataset.datasetId}`);
    await rows(page).first().getByRole("link").click();
    await expect(page).not.toHaveURL(/\/search/);
    const main = page.getByRole("main");
    await expect(main.getByRole("heading", { name: /^(Prompt|Answer)/ }).first()).toBeVisible();
    await expect(main).toContainText("workflow_node_executions");
  });

  test("a segment that is missing is said, and the others are searched", async ({ page }) => {
    const month = join(demo().dataDir, "cold", "store=aiapps", "dataset=messages");
    const away = join(demo().dataDir, "messages-away");
    renameSync(month, away);
    try {
      await page.goto("/search?q=refund");
      await expect(
        page.getByRole("status").filter({ hasText: /[1-9]\d* segments? (missing|could not be read)/ }),
      ).toBeVisible({
        timeout: 30_000,
      });
      await expect(rows(page).first()).toBeVisible({ timeout: 30_000 });
    } finally {
      renameSync(away, month);
    }
  });

  test("pages follow each other without a row twice", async ({ page }) => {
    await page.goto("/search?q=the");
    await finished(page);
    const links = async () =>
      Promise.all((await rows(page).getByRole("link").all()).map((link) => link.getAttribute("href")));
    const first = await links();
    expect(first.length).toBe(50);
    await page.getByRole("link", { name: "Older" }).click();
    await expect(page).toHaveURL(/cursor=/);
    await finished(page);
    await expect.poll(async () => (await links()).length).toBe(50);
    const second = await links();
    expect(second.filter((href) => first.includes(href))).toEqual([]);
  });

  test("results leave as CSV, JSON Lines and Parquet", async ({ page }) => {
    await search(page, "zephyrquartz");
    await finished(page);
    for (const [format, begins] of [
      ["CSV", /^/],
      ["JSON Lines", /^\{/],
      ["Parquet", /^PAR1/],
    ] as const) {
      await page.getByRole("button", { name: /Export/ }).click();
      const [download] = await Promise.all([
        page.waitForEvent("download"),
        page.getByRole("menuitem", { name: new RegExp(`^${format}`) }).click(),
      ]);
      const bytes = await readFile(await pathOf(download));
      expect(bytes.length, format).toBeGreaterThan(50);
      expect(bytes.subarray(0, 4).toString("latin1")).toMatch(begins);
      if (format !== "Parquet") expect(bytes.toString("utf8")).toContain("zephyrquartz");
    }
  });
});

async function pathOf(download: Download): Promise<string> {
  expect(await download.failure()).toBeNull();
  return download.path();
}
