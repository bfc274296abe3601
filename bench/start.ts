import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, startStack } from "../e2e/stack";
import type { Bench, BenchResult } from "./bench";
import { median } from "./bench";

const MOST_SECONDS = 10;
const MOST_RATIO = 2;

/** `npm start` for the second time up to the first page, against `next start` of the same build alone. */
export const bench: Bench = {
  name: "start",
  summary: "npm start, second time, to the first page served, against next start alone",
  async run({ rounds, say }): Promise<BenchResult[]> {
    const dataDir = mkdtempSync(join(tmpdir(), "strata-start-"));
    try {
      await (await startStack({ demo: false, dataDir })).stop();
      const work: number[] = [];
      const baseline: number[] = [];
      for (let round = 0; round < rounds; round++) {
        baseline.push(await secondsOfNext());
        const started = performance.now();
        const stack = await startStack({ demo: false, dataDir });
        await fetch(`${stack.address}/sign-in`);
        work.push((performance.now() - started) / 1_000);
        await stack.stop();
        say(`round ${round + 1}: ${work.at(-1)?.toFixed(2)} s against ${baseline.at(-1)?.toFixed(2)} s`);
      }
      const [figure, base] = [median(work), median(baseline)];
      return [
        {
          label: "against next start",
          figure,
          unit: "s",
          baseline: base,
          ratio: figure / base,
          target: { op: "<=", value: MOST_RATIO },
        },
        {
          label: "in seconds",
          figure,
          unit: "s",
          baseline: null,
          ratio: figure,
          target: { op: "<=", value: MOST_SECONDS },
        },
      ];
    } finally {
      rmSync(dataDir, { recursive: true, force: true });
    }
  },
};

async function secondsOfNext(): Promise<number> {
  const port = await freePort();
  const started = performance.now();
  const child = spawn("next", ["start", "-p", String(port), "-H", "127.0.0.1"], {
    stdio: "ignore",
    env: { ...process.env, NODE_ENV: "production" },
  });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  for (;;) {
    const response = await fetch(`http://127.0.0.1:${port}/sign-in`).catch(() => null);
    await response?.body?.cancel();
    if (response) break;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const seconds = (performance.now() - started) / 1_000;
  child.kill("SIGKILL");
  await ended;
  return seconds;
}
