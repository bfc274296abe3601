import type { Page } from "@playwright/test";
import { queryDemo } from "./database";
import {
  ARCHIVE_TABLE,
  COLD,
  expectGreenProof,
  logOf,
  planArchive,
  runPlan,
  stateOf,
  throttlePlan,
} from "./operations";
import { expect, test } from "./story";

const count = async (sql: string): Promise<number> =>
  Number((await queryDemo(`SELECT count(*) AS n ${sql}`))[0]?.n);
const DAY_S = 86_400;
const midnight = (daysAgo: number): number => (Math.floor(Date.now() / 1000 / DAY_S) - daysAgo) * DAY_S;

test("D1: archives to a table in the same database, from a plan to a proof", async ({ page }) => {
  const old = `FROM newapi.logs WHERE created_at < ${midnight(300)}`;
  const [hot, all] = [await count(old), await count("FROM newapi.logs")];
  expect(hot).toBeGreaterThan(100);
  await planArchive(page, "logs", { days: 300, target: ARCHIVE_TABLE });
  const main = page.getByRole("main");
  await expect(main).toContainText(`${hot.toLocaleString("en-US")} rows`);
  await expect(main).toContainText("CREATE TABLE");
  await expect(main).toContainText("DELETE FROM");
  await expect(main.getByRole("heading", { name: "Locks" })).toBeVisible();
  await expect(main).toContainText("Undo:");
  await expect(page.getByRole("table", { name: /Rows by month|By month/ }).first()).toBeVisible();

  const run = page.getByRole("button", { name: /^Archive [\d,]+ rows?/ });
  await expect(run).toBeDisabled(); // not before the name is typed
  await runPlan(page, /^Archive [\d,]+ rows?/, "logs");
  const proof = await expectGreenProof(page);
  expect(proof).toEqual({ source: hot, target: hot });
  expect(await count(old)).toBe(0);
  expect(await count("FROM newapi.logs_archive")).toBe(hot);
  expect(await count("FROM newapi.logs")).toBeGreaterThanOrEqual(all - hot); // new rows keep arriving
});

test("D2: archives a family to cold segments, with a proof that names each", async ({ page }) => {
  const old =
    "FROM dify.workflow_runs WHERE created_at < date_trunc('day', now() AT TIME ZONE 'UTC') - interval '330 days'";
  const runs = await count(old);
  const nodes = await count(`FROM dify.workflow_node_executions WHERE workflow_run_id IN (SELECT id ${old})`);
  expect(runs).toBeGreaterThan(50);
  expect(nodes).toBeGreaterThan(runs);
  await planArchive(page, "workflow_runs", { days: 330, target: COLD });
  await expect(page.getByRole("main")).toContainText("cold storage in cold");
  await runPlan(page, /^Archive [\d,]+ rows?/, "workflow_runs");
  const proof = await expectGreenProof(page);
  expect(proof.source).toBe(proof.target);
  expect(proof.source).toBeGreaterThanOrEqual(runs + nodes);
  await expect(page.getByText(/^\d+ segments?$/).first()).toBeVisible();
  await expect(page.getByRole("main")).toContainText("SHA-256");
  await expect(page.getByRole("main")).toContainText("month=");
  expect(await count(old)).toBe(0);
});

test("D3: refuses a plan that is stale, and shows what changed", async ({ page }) => {
  await planArchive(page, "messages", { days: 360, target: COLD });
  await queryDemo("ALTER TABLE dify.messages ADD COLUMN added_meanwhile text");
  try {
    await page.getByLabel("Type messages to run").fill("messages");
    await page.getByLabel("Reason").fill("the table has changed meanwhile");
    await page.getByRole("button", { name: /^Archive [\d,]+ rows?/ }).click();
    const changed = page.getByRole("table", { name: "What changed" });
    await expect(changed).toBeVisible();
    await expect(changed).toContainText("messages");
    await expect(page).toHaveURL(/\/plans\//);
  } finally {
    await queryDemo("ALTER TABLE dify.messages DROP COLUMN added_meanwhile");
  }
});

test("D3: a plan that would break a foreign key is stopped, and names the child", async ({ page }) => {
  await planArchive(page, "dify_conversations", { days: 300, target: COLD });
  const main = page.getByRole("main");
  await expect(main).toContainText("This plan cannot be run");
  await expect(main).toContainText("dify.messages");
  await expect(page.getByRole("button", { name: /^Archive [\d,]+ rows?/ })).toHaveCount(0);
});

test("D4: a cut-off that covers nothing is refused at its field", async ({ page }) => {
  await page.goto("/datasets");
  await page.getByRole("main").getByRole("link", { name: "conversations", exact: true }).click();
  await page.getByRole("link", { name: "Archive", exact: true }).first().click();
  await page.getByRole("radio", { name: "By age" }).check();
  await page.getByLabel("Older than, days").fill("5000");
  await page.getByRole("button", { name: "Make a plan" }).click();
  await expect(
    page
      .getByRole("alert")
      .filter({ hasText: /older than|nothing/i })
      .first(),
  ).toBeVisible();
  await expect(page.getByLabel("Older than, days")).toHaveAttribute("aria-invalid", "true");
});

test("D5: pause, throttle, reload, sign-out, resume and cancel take effect within two seconds", async ({
  page,
}) => {
  const all = await count("FROM gateway.conversations");
  await planArchive(page, "conversations", { days: 200, target: ARCHIVE_TABLE });
  await throttlePlan(page, 20, "20 %");
  await runPlan(page, /^Archive [\d,]+ rows?/, "conversations");
  const state = stateOf(page);
  await expect(state).toContainText("running");
  await expect(state).toContainText(/rows\/s/);
  await expect(logOf(page)).toContainText("Begins");

  const within = { timeout: 3_500 }; // two seconds to take effect, and the way to the browser
  await page.getByRole("button", { name: "Pause", exact: true }).click();
  await expect(state).toContainText("paused", within);
  await page.reload();
  await expect(state).toContainText("paused");
  await page.getByLabel("Batch, rows at most").fill("30");
  await page.getByRole("button", { name: "Apply" }).click();
  await expect(page.getByRole("button", { name: "Apply" })).toHaveCount(0);
  await page.getByRole("button", { name: "Resume" }).click();
  await expect(state).toContainText("running", within);

  const address = page.url();
  const cookies = await page.context().cookies();
  await page.context().clearCookies(); // signed out: it goes on without anybody
  await page.goto("/operations");
  await expect(page).toHaveURL(/sign-in/);
  await page.context().addCookies(cookies);
  await takePicture(page);
  await page.goto(address);
  await expect(state).toContainText("running");

  await page.getByRole("button", { name: "Cancel…" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Cancel the operation" }).click();
  await expect(state).toContainText("cancelled", within);
  // What was done until then is proved, what was left is counted.
  const lines = page.getByRole("table", { name: "Proof" }).getByRole("row").filter({ hasText: "equal" });
  await expect(lines).toHaveCount(1);
  await expect(page.getByRole("table", { name: "Left hot, untouched" })).toContainText("conversations");
  await expect(page.getByRole("main")).toContainText("This covers what was done until then");
  const [hot, archived] = [
    await count("FROM gateway.conversations"),
    await count("FROM gateway.conversations_archive"),
  ];
  expect(archived).toBeGreaterThan(0);
  expect(hot + archived).toBeGreaterThanOrEqual(all); // every row is somewhere
  const twice = "FROM gateway.conversations JOIN gateway.conversations_archive USING (id)";
  expect(await count(twice)).toBe(0); // and in one place only
});

/** The overview with something at work: the picture in the README, when STRATA_E2E_PICTURE says where it goes. */
async function takePicture(page: Page): Promise<void> {
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
  await page.goto("/");
  await expect(page.getByRole("table", { name: "Running" })).toContainText("running");
  // The chart is loaded after the first paint; its axis comes with it.
  await expect(page.getByRole("img", { name: "Size of all datasets" })).toContainText("MB");
  await page.screenshot({ path: process.env.STRATA_E2E_PICTURE ?? "test-results/overview.png" });
}
