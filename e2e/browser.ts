import { existsSync } from "node:fs";
import { chromium } from "@playwright/test";

const ON_PATH = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/**
 * The Chromium to test with: PLAYWRIGHT_CHROMIUM, Playwright's own if it is installed, one on the path, or the
 * headless shell that comes with an npm package (Linux x64).
 */
export async function browserPath(): Promise<string> {
  const named = process.env.PLAYWRIGHT_CHROMIUM;
  if (named) return named;
  const own = chromium.executablePath();
  if (existsSync(own)) return own;
  const found = ON_PATH.find((path) => existsSync(path));
  if (found) return found;
  const { default: packaged } = await import("@sparticuz/chromium");
  return packaged.executablePath();
}

/** No `--single-process`, no web security switched off: the browser the operator has, without a window. */
export const BROWSER_ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--force-color-profile=srgb",
];
