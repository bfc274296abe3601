import { queryDemo } from "./database";
import { COLD, expectGreenProof, openDataset, planArchive, runPlan, stateOf } from "./operations";
import { expect, test } from "./story";

const count = async (sql: string): Promise<number> =>
  Number((await queryDemo(`SELECT count(*) AS n ${sql}`))[0]?.n);
const month = (ago: number): string => {
  const day = new Date();
  day.setUTCDate(1);
  day.setUTCMonth(day.getUTCMonth() - ago);
  return day.toISOString().slice(0, 10);
};

test("F: brings a range back from cold, and lists a row that is different as a conflict", async ({
  page,
}) => {
  test.setTimeout(180_000);
  const [from, until] = [month(11), month(10)];
  const range = `FROM dify.messages WHERE created_at >= '${from}' AND created_at < '${until}'`;
  // What lies in cold from here on, whatever other stories have archived before.
  await planArchive(page, "messages", { days: 250, target: COLD });
  const [kept] = await queryDemo(
    "SELECT id, to_jsonb(m) AS row FROM dify.messages m WHERE created_at < now() - interval '260 days' ORDER BY id LIMIT 1",
  );
  await runPlan(page, /^Archive [\d,]+ rows?/, "messages");
  await expectGreenProof(page);
  expect(kept).toBeTruthy();
  // The application writes a different row under a key that is in cold.
  await queryDemo(
    'INSERT INTO dify.messages SELECT * FROM jsonb_populate_record(NULL::dify.messages, $1::jsonb || \'{"answer": "another answer"}\')',
    [JSON.stringify(kept?.row)],
  );
  const before = await count(range);

  await openDataset(page, "messages");
  await page.getByRole("link", { name: "Restore", exact: true }).click();
  await page.getByRole("radio", { name: /^Cold storage/ }).check();
  await page.getByRole("button", { name: "Make a plan" }).click();
  await expect(page).toHaveURL(/\/plans\//, { timeout: 60_000 });
  await expect(page.getByRole("heading", { name: /^Conflicts/ })).toBeVisible();
  await expect(page.getByRole("main")).toContainText(String(kept?.id));
  await expect(page.getByRole("main")).toContainText("different row");
  await runPlan(page, /^Restore [\d,]+ rows?/, "messages");
  await expect
    .poll(async () => /succeeded|partly done|failed/.exec(await stateOf(page).innerText())?.[0], {
      timeout: 90_000,
    })
    .toMatch(/succeeded|partly done/);
  const proof = page.getByRole("table", { name: "Proof" });
  await expect(proof).toContainText("equal");
  expect(await count(range)).toBeGreaterThanOrEqual(before);
  const [mine] = await queryDemo("SELECT answer FROM dify.messages WHERE id = $1", [kept?.id]);
  expect(mine?.answer).toBe("another answer"); // never overwritten
});

test("F: optimize says what fits the table and why, and shows the sizes before and after", async ({
  page,
}) => {
  await openDataset(page, "workflow_node_executions");
  await page.getByRole("link", { name: "Optimize", exact: true }).first().click();
  const main = page.getByRole("main");
  await expect(main).toContainText(/worth it|depends/);
  await page.getByRole("button", { name: "Plan VACUUM (ANALYZE)" }).first().click();
  await expect(page).toHaveURL(/\/plans\//);
  await expect(main).toContainText("VACUUM");
  await runPlan(page, /^Run it/);
  await expect(stateOf(page)).toContainText("succeeded", { timeout: 60_000 });
  const facts = page.getByRole("table", { name: "Before and after" });
  await expect(facts).toContainText("Size of the table");
  await expect(facts).toContainText("Dead rows");
});

test("F: VACUUM FULL has a plan that says what it locks, and asks for the name", async ({ page }) => {
  await openDataset(page, "logs");
  await page.getByRole("link", { name: "Optimize", exact: true }).first().click();
  await page.getByRole("button", { name: "Plan VACUUM FULL" }).first().click();
  await expect(page).toHaveURL(/\/plans\//);
  const main = page.getByRole("main");
  await expect(main).toContainText(/VACUUM \(?FULL/);
  await expect(main).toContainText(/nobody|locked/i);
  await expect(page.getByRole("button", { name: /^Run it/ })).toBeDisabled();
  await runPlan(page, /^Run it/, "logs");
  await expect(stateOf(page)).toContainText("succeeded", { timeout: 60_000 });
});

test("F: counts exactly, in every tier", async ({ page }) => {
  await openDataset(page, "logs");
  await page.getByRole("button", { name: "Count exactly" }).click();
  await expect(page).toHaveURL(/\/plans\//);
  await runPlan(page, /^Count now/);
  await expect(stateOf(page)).toContainText("succeeded", { timeout: 60_000 });
  await expect(page.getByRole("table", { name: "Before and after" })).toContainText("Rows, hot");
});
