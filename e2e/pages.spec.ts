import { mkdirSync } from "node:fs";
import type { Browser, Page } from "@playwright/test";
import { recordHref } from "@/components/records/record-address";
import { expectAccessible } from "./axe";
import { watchConsole } from "./console-errors";
import { queryDemo } from "./database";
import { demo } from "./demo";
import { session } from "./sign-in";
import { expect, test } from "./story";

const LANGUAGES = ["en", "zh"] as const;
const THEMES = ["light", "dark"] as const;
const SIZES = { wide: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } } as const;
const SHOTS = "test-results/pages";

interface Named {
  name: string;
  path: string;
}

/** Every page, with something on it. */
async function everyPage(page: Page): Promise<Named[]> {
  const json = async (path: string) => (await page.request.get(path)).json();
  const datasets: { name: string; datasetId: string }[] = await json("/api/datasets");
  const stores: { name: string; storeId: string }[] = await json("/api/stores");
  const operations: { items: { operationId: string }[] } = await json("/api/operations");
  const dataset = datasets.find(({ name }) => name === "messages")?.datasetId;
  const store = stores.find(({ name }) => name === "aiapps")?.storeId;
  const folder = stores.find(({ name }) => name === "cold")?.storeId;
  const plan = await page.request.post("/api/plans", {
    headers: { origin: demo().address },
    data: {
      kind: "archive",
      params: { datasetId: dataset, cutoff: { days: 200 }, target: { tier: "archive" } },
    },
  });
  const { planId } = (await plan.json()) as { planId: string };
  const runs = datasets.find(({ name }) => name === "workflow_runs")?.datasetId;
  const [run, message] = [await firstKey("dify.workflow_runs"), await firstKey("dify.messages")];
  const table = new URLSearchParams({ store: store ?? "", schema: "dify", table: "conversations" });
  const tabs = ["indexes", "columns", "segments", "operations", "family"];
  return [
    { name: "overview", path: "/" },
    { name: "stores", path: "/stores" },
    { name: "store", path: `/stores/${store}` },
    { name: "store-tables", path: `/stores/${store}?tab=tables` },
    { name: "store-access", path: `/stores/${store}?tab=access` },
    { name: "store-edit", path: `/stores/${store}/edit` },
    { name: "store-folder", path: `/stores/${folder}` },
    { name: "store-new", path: "/stores/new" },
    { name: "datasets", path: "/datasets" },
    { name: "compare", path: "/datasets/compare" },
    { name: "dataset", path: `/datasets/${dataset}` },
    ...tabs.map((tab) => ({ name: `dataset-${tab}`, path: `/datasets/${dataset}?tab=${tab}` })),
    { name: "archive", path: `/datasets/${dataset}/archive` },
    { name: "restore", path: `/datasets/${dataset}/restore` },
    { name: "optimize", path: `/datasets/${dataset}/optimize` },
    { name: "relocate", path: `/datasets/${dataset}/relocate` },
    { name: "plan", path: `/plans/${planId}` },
    { name: "operations", path: "/operations" },
    ...operations.items
      .slice(0, 1)
      .map((one) => ({ name: "operation", path: `/operations/${one.operationId}` })),
    { name: "dataset-new", path: "/datasets/new" },
    { name: "dataset-new-table", path: `/datasets/new?${table}` },
    { name: "record", path: recordHref({ datasetId: dataset ?? "", key: message }) },
    { name: "record-family", path: recordHref({ datasetId: runs ?? "", key: run }, "refund") },
    { name: "search", path: "/search" },
    { name: "search-results", path: "/search?q=refund" },
    { name: "audit", path: "/audit" },
    { name: "settings", path: "/settings" },
    { name: "settings-preferences", path: "/settings/preferences" },
    { name: "settings-users", path: "/settings/users" },
    { name: "settings-about", path: "/settings/about" },
  ];
}

async function firstKey(table: string): Promise<string[]> {
  const [row] = await queryDemo(`SELECT id::text FROM ${table} ORDER BY created_at DESC LIMIT 1`);
  return [String(row?.id)];
}

async function open(browser: Browser, language: string, theme: "light" | "dark", size: keyof typeof SIZES) {
  const { address } = demo();
  const context = await browser.newContext({
    baseURL: address,
    storageState: await session(demo()),
    viewport: SIZES[size],
    colorScheme: theme,
    reducedMotion: "reduce",
  });
  await context.addCookies([
    { name: "strata-locale", value: language, url: address },
    { name: "strata-theme", value: theme, url: address },
  ]);
  return context;
}

for (const language of LANGUAGES)
  for (const theme of THEMES)
    for (const size of Object.keys(SIZES) as (keyof typeof SIZES)[])
      test(`every page in ${language}, ${theme}, ${size}: no error, accessible, nothing wider than the screen`, async ({
        browser,
      }) => {
        test.setTimeout(240_000);
        const context = await open(browser, language, theme, size);
        const page = await context.newPage();
        const errors = watchConsole(page);
        const folder = `${SHOTS}/${language}-${theme}-${size}`;
        mkdirSync(folder, { recursive: true });
        for (const { name, path } of await everyPage(page)) {
          await page.goto(path);
          await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
          await expect(page.locator("html")).toHaveAttribute("lang", language === "zh" ? "zh-CN" : "en");
          if (name === "search-results") await expect(page.locator("mark").first()).toBeVisible();
          await page.screenshot({ path: `${folder}/${name}.png`, fullPage: size === "phone" });
          await test.step(name, async () => {
            expect.soft(errors.splice(0), `console of ${name}`).toEqual([]);
            const overflow = () =>
              page.evaluate(
                () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
              );
            await expect
              .poll(overflow, { message: `${name} is wider than the screen by` })
              .toBeLessThanOrEqual(0);
            // Accessibility does not depend on the width where the markup is the same; phones have another rail.
            if (size === "wide" || name === "overview" || name === "dataset" || name === "operation") {
              await expectAccessible(page);
            }
          });
        }
        await context.close();
      });
