import { gzipSync } from "node:zlib";
import { chromium } from "@playwright/test";
import { BROWSER_ARGS, browserPath } from "../e2e/browser";
import type { Bench, BenchResult } from "./bench";
import { type Console, openConsole } from "./console";

const KIB = 1_024;
const MOST_KIB = 250;

/** gzipped JavaScript that a route's HTML names (before first paint), and what comes after it (charts, palette). */
export const bench: Bench = {
  name: "bundle",
  summary: "gzipped JavaScript per route before first paint, and what is loaded after it",
  async run({ say }): Promise<BenchResult[]> {
    const running = await openConsole(0);
    const browser = await chromium.launch({ executablePath: await browserPath(), args: BROWSER_ARGS });
    try {
      const context = await browser.newContext();
      await context.addCookies(cookiesOf(running));
      const first: number[] = [];
      for (const path of ["/sign-in", ...running.pages]) {
        const sizes = new Map<string, number>();
        const page = await context.newPage();
        const html = await (
          await fetch(`${running.stack.address}${path}`, { headers: running.headers })
        ).text();
        const named = new Set(
          [...html.matchAll(/<script[^>]+src="([^"]+\.js[^"]*)"/g)].map(
            (match) => new URL(match[1] ?? "", running.stack.address).pathname,
          ),
        );
        page.on("response", async (response) => {
          const { pathname } = new URL(response.url());
          if (!pathname.endsWith(".js")) return;
          const body = await response.body().catch(() => Buffer.alloc(0));
          sizes.set(pathname, gzipSync(body).length);
        });
        await page
          .goto(`${running.stack.address}${path}`, { waitUntil: "networkidle" })
          .catch(() => undefined);
        const sum = (before: boolean) =>
          [...sizes]
            .filter(([name]) => named.has(name) === before)
            .reduce((total, [, size]) => total + size, 0) / KIB;
        first.push(sum(true));
        say(
          `${path.replace(/[0-9a-f-]{36}/, "…").padEnd(28)} ${sum(true).toFixed(0).padStart(4)} KiB before, ${sum(false).toFixed(0)} KiB after`,
        );
        await page.close();
      }
      const largest = Math.max(...first);
      return [
        {
          label: "largest route",
          figure: largest,
          unit: "KiB",
          baseline: null,
          ratio: largest,
          target: { op: "<=", value: MOST_KIB },
        },
      ];
    } finally {
      await browser.close();
      await running.close();
    }
  },
};

const cookiesOf = ({ headers, stack }: Console) =>
  (headers.cookie ?? "").split("; ").map((pair) => {
    const at = pair.indexOf("=");
    return { name: pair.slice(0, at), value: pair.slice(at + 1), url: stack.address };
  });
