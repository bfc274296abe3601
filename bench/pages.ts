import type { Bench, BenchResult } from "./bench";
import { percentile } from "./bench";
import { type Console, openConsole } from "./console";

const STORES = 20;
const PER_SECOND = 20;
const SECONDS = 30;

interface Timing {
  page: string;
  ms: number;
  status: number;
}

/** Every page at a steady 20 requests a second, while one store is dead and one answers after 5 s. */
export const bench: Bench = {
  name: "pages",
  summary: "every page at 20 requests/s with 20 stores, one dead, one that answers after 5 s",
  async run({ scale, say }): Promise<BenchResult[]> {
    const running = await openConsole(STORES);
    try {
      for (const page of running.pages) await visit(running, page); // loads every route once
      const timings = await steadily(running, Math.max(1, Math.round(SECONDS * scale)));
      const failed = timings.filter((timing) => timing.status !== 200);
      for (const { page, status } of failed.slice(0, 5)) say(`${page} answered ${status}`);
      for (const page of running.pages) {
        const own = timings.filter((timing) => timing.page === page).map((timing) => timing.ms);
        say(
          `${page.replace(/[0-9a-f-]{36}/, "…").padEnd(28)} p50 ${percentile(own, 0.5).toFixed(0)} ms, p95 ${percentile(own, 0.95).toFixed(0)} ms`,
        );
      }
      if (failed.length > 0)
        throw new Error(`${failed.length} of ${timings.length} requests were not answered with 200.`);
      const p95 = percentile(
        timings.map((timing) => timing.ms),
        0.95,
      );
      return [
        {
          label: "p95",
          figure: p95,
          unit: "ms",
          baseline: null,
          ratio: p95,
          target: { op: "<=", value: 200 },
        },
      ];
    } finally {
      await running.close();
    }
  },
};

async function visit(running: Console, page: string): Promise<Timing> {
  const started = performance.now();
  const response = await fetch(`${running.stack.address}${page}`, {
    headers: running.headers,
    redirect: "manual",
  });
  await response.arrayBuffer();
  return { page, ms: performance.now() - started, status: response.status };
}

/** Requests start on time whether or not earlier ones were answered, so that a slow one is not hidden. */
async function steadily(running: Console, seconds: number): Promise<Timing[]> {
  const visits: Promise<Timing>[] = [];
  const started = performance.now();
  for (let number = 0; number < seconds * PER_SECOND; number++) {
    const wait = started + (number * 1_000) / PER_SECOND - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    visits.push(visit(running, running.pages[number % running.pages.length] ?? "/"));
  }
  return Promise.all(visits);
}
