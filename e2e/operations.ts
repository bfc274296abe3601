import { expect, type Page } from "@playwright/test";

/** Opens the page of a dataset by its name in the list. */
export async function openDataset(page: Page, name: string): Promise<void> {
  await page.goto("/datasets");
  await page.getByRole("main").getByRole("link", { name, exact: true }).click();
  await expect(page).toHaveURL(/\/datasets\/[^/]+$/);
}

export interface ArchiveChoice {
  days: number;
  target: RegExp;
}

/** From the dataset's page to the archive's plan. */
export async function planArchive(page: Page, name: string, { days, target }: ArchiveChoice): Promise<void> {
  await openDataset(page, name);
  await page.getByRole("link", { name: "Archive", exact: true }).first().click();
  await page.getByRole("radio", { name: "By age" }).check();
  await page.getByLabel("Older than, days").fill(String(days));
  await page.getByRole("radio", { name: target }).check();
  await page.getByRole("button", { name: "Make a plan" }).click();
  await expect(page).toHaveURL(/\/plans\//, { timeout: 45_000 });
}

export const COLD = /^Cold storage in cold/;
export const ARCHIVE_TABLE = /^Archive table/;

/** Types the name and the reason, and presses the button that names what will happen. */
export async function runPlan(page: Page, button: RegExp, name?: string): Promise<void> {
  if (name !== undefined) await page.getByLabel(`Type ${name} to run`).fill(name);
  await page.getByLabel("Reason").fill("an operator's story");
  await page.getByRole("button", { name: button }).click();
  await expect(page).toHaveURL(/\/operations\//);
}

/** How gently a plan runs; before it is run. */
export async function throttlePlan(page: Page, batchRows: number, working: string): Promise<void> {
  await page.getByText("How gently").click();
  await page.getByLabel("Batch, rows at most").fill(String(batchRows));
  await page.getByLabel("Share of time working").selectOption({ label: working });
}

/** The state in words, at the head of an operation's page. */
export const stateOf = (page: Page) => page.getByRole("region", { name: "Progress" });

export const logOf = (page: Page) => page.getByRole("region", { name: "Log", exact: true }).last();

/** Waits for the outcome and looks at the proof: every line agrees. Returns source and target rows, added up. */
export async function expectGreenProof(
  page: Page,
  timeoutMs = 90_000,
): Promise<{ source: number; target: number }> {
  await expect
    .poll(async () => /succeeded|failed|partly done|cancelled/.exec(await stateOf(page).innerText())?.[0], {
      timeout: timeoutMs,
      message: "the operation's outcome",
    })
    .toBeTruthy();
  const said = await page.getByRole("main").getByRole("alert").allInnerTexts();
  expect(await stateOf(page).innerText(), said.join(" ")).toContain("succeeded");
  const proof = page.getByRole("table", { name: "Proof" });
  await expect(proof).toBeVisible();
  const lines = await proof
    .getByRole("row")
    .filter({ hasText: /equal|different/ })
    .all();
  expect(lines.length).toBeGreaterThan(0);
  const sum = { source: 0, target: 0 };
  for (const line of lines) {
    await expect(line).toContainText("equal");
    const cells = await line.getByRole("cell").allInnerTexts();
    sum.source += rowsIn(cells[1]);
    sum.target += rowsIn(cells[2]);
  }
  return sum;
}

const rowsIn = (text: string | undefined): number => Number((text ?? "").replace(/[^\d]/g, ""));
