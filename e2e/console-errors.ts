import type { Page } from "@playwright/test";

/** Everything the browser complained about on a page: console errors and uncaught exceptions. */
export function watchConsole(page: Page): string[] {
  const found: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") found.push(`${message.text()} (${message.location().url})`);
  });
  page.on("pageerror", (error) => found.push(`uncaught: ${error.stack ?? error.message}`));
  return found;
}
