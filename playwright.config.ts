import { defineConfig } from "@playwright/test";
import { BROWSER_ARGS, browserPath } from "./e2e/browser";

/** One worker: the stories share one Strata and two cores. */
export default defineConfig({
  testDir: "e2e",
  testMatch: "**/*.spec.ts",
  workers: 1,
  fullyParallel: false,
  timeout: 120_000,
  expect: { timeout: 15_000 },
  reporter: process.env.CI ? [["list"]] : [["line"]],
  globalSetup: "./e2e/global-setup.ts",
  // The stories of other kinds come last: the stores they leave behind are not the demo's.
  projects: [
    { name: "stories", testIgnore: "**/kinds.spec.ts" },
    { name: "kinds", testMatch: "**/kinds.spec.ts" },
  ],
  use: {
    actionTimeout: 20_000,
    viewport: { width: 1440, height: 900 },
    launchOptions: { executablePath: await browserPath(), args: BROWSER_ARGS },
    trace: "off",
    screenshot: "only-on-failure",
    locale: "en-US",
    timezoneId: "UTC",
  },
});
