import { test as base, expect } from "@playwright/test";
import { watchConsole } from "./console-errors";
import { demo } from "./demo";
import { session } from "./sign-in";

/**
 * A story on the demo: signed in as administrator, and failed by any error in the browser's console. `noise` lets a
 * story name what it provokes on purpose.
 */
export const test = base.extend<{ signedIn: boolean; noise: RegExp[]; consoleErrors: string[] }>({
  signedIn: [true, { option: true }],
  noise: [[], { option: true }],
  baseURL: async ({ browserName: _ }, use) => use(demo().address),
  storageState: async ({ signedIn }, use) => use(signedIn ? await session(demo()) : undefined),
  consoleErrors: [
    async ({ page, noise }, use) => {
      const found = watchConsole(page);
      await use(found);
      const unexpected = found.filter((line) => !noise.some((pattern) => pattern.test(line)));
      expect(unexpected, "errors in the browser's console").toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };
