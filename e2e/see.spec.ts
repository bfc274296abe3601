import { openDataset } from "./operations";
import { expect, test } from "./story";

test("C: a store shows its health, latency, slowest queries, connections and rights", async ({ page }) => {
  await page.goto("/stores");
  const list = page.getByRole("table", { name: "Stores" });
  await expect(list.getByRole("row").filter({ hasText: "aiapps" })).toContainText(/healthy|warning/);
  await list.getByRole("link", { name: "aiapps" }).click();
  const main = page.getByRole("main");
  await expect(main).toContainText("Latency");
  await expect(main).toContainText("Slowest queries");
  await expect(main).toContainText("Connections");
  await expect(main).toContainText("Found in memory");
  await expect(main.getByRole("table", { name: /Slowest queries|queries/i }).first()).toContainText(
    /SELECT|INSERT|COPY/,
    {
      timeout: 60_000,
    },
  );
  await page.getByRole("link", { name: /^Access and abilities/ }).click();
  await expect(main).toContainText("pg_monitor");
  await expect(main).toContainText("granted");
  await expect(main).toContainText("set, not shown"); // the password
  await page.getByRole("link", { name: /^Tables/ }).click();
  await expect(main).toContainText("workflow_node_executions");
});

test("C: a folder shows its room and its segments' place", async ({ page }) => {
  await page.goto("/stores");
  await page.getByRole("table", { name: "Stores" }).getByRole("link", { name: "cold" }).click();
  await expect(page.getByRole("main")).toContainText("Room");
});

test("C: a dataset shows rows, sizes by part and tier, months, growth, indexes, and how old a figure is", async ({
  page,
}) => {
  await openDataset(page, "messages");
  const main = page.getByRole("main");
  for (const words of [
    "Heap",
    "Indexes",
    "TOAST",
    "Dead rows",
    "Last vacuum",
    "Last analyze",
    "Oldest row",
  ]) {
    await expect(main, words).toContainText(words);
  }
  await expect(main).toContainText(/rows, (estimated|counted)/);
  await expect(main).toContainText(/ago|just now/);
  await expect(main).toContainText("Rows by month");
  await expect(main).toContainText("Growth");
  await expect(main).toContainText("generated history"); // what was not measured is marked as such
  await page.getByRole("link", { name: /^Indexes/ }).click();
  await expect(page).toHaveURL(/tab=indexes/);
  await expect(main).toContainText("primary key");
  await page.getByRole("link", { name: /^Columns and roles/ }).click();
  await expect(page.getByLabel("Keep hot, days")).toHaveValue("180");
});

test("C: a family lies together, and moves from its root", async ({ page }) => {
  await openDataset(page, "workflow_node_executions");
  await expect(page.getByRole("link", { name: "Archive with workflow_runs" })).toBeVisible();
  await page.getByRole("link", { name: /^Family/ }).click();
  await expect(page.getByRole("main")).toContainText("workflow_runs");
});

test("C: the command palette leads anywhere by keyboard", async ({ page }) => {
  await page.goto("/");
  await expect(page.getByRole("heading", { name: "Needs attention" })).toBeVisible();
  await page.keyboard.press("ControlOrMeta+k");
  const box = page.getByRole("combobox");
  await box.fill("messages");
  const dataset = page.getByRole("option", { name: /^messages/ });
  await expect(dataset).toBeVisible();
  await expect
    .poll(async () => {
      await page.keyboard.press("ArrowDown");
      return dataset.getAttribute("aria-selected");
    })
    .toBe("true");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/datasets\//);
});
