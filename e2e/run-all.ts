import { spawn } from "node:child_process";
import { stripVTControlCharacters } from "node:util";

/**
 * `npm test`: everything that needs nothing but Node. Each stage runs even if an earlier one failed, so that one
 * run tells all; the last line counts what passed and failed.
 */
interface Stage {
  name: string;
  command: string[];
  /** Reads "12 passed" and "1 failed" from the stage's own closing lines. */
  counts: boolean;
}

const STAGES: Stage[] = [
  { name: "format and lint", command: ["biome", "ci"], counts: false },
  {
    name: "import direction",
    command: ["depcruise", "app", "components", "lib", "--config", ".dependency-cruiser.cjs"],
    counts: false,
  },
  { name: "build", command: ["tsx", "lib/supervisor/build-main.ts"], counts: false },
  { name: "types", command: ["tsc", "--noEmit"], counts: false },
  { name: "unit and integration", command: ["vitest", "run"], counts: true },
  { name: "stories in a browser", command: ["tsx", "e2e/run.ts"], counts: true },
];

interface Outcome {
  passed: number;
  failed: number;
}

const sum = (text: string, word: string): number =>
  [...text.matchAll(new RegExp(`(\\d+) ${word}`, "g"))].reduce((total, match) => total + Number(match[1]), 0);

/** vitest: the line that begins with "Tests"; Playwright: its last lines. Colour codes are not part of it. */
function count(output: string): Outcome {
  const plain = stripVTControlCharacters(output);
  const tests = plain.split("\n").filter((line) => /^\s+Tests\s/.test(line));
  const text = tests.length > 0 ? (tests.at(-1) ?? "") : plain.slice(-2_000);
  return { passed: sum(text, "passed"), failed: sum(text, "failed") };
}

function run(stage: Stage): Promise<Outcome> {
  return new Promise((resolve) => {
    const [command = "", ...args] = stage.command;
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"] });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => {
      process.stdout.write(chunk);
      output = (output + chunk.toString()).slice(-20_000);
    });
    child.on("close", (code) => {
      const counted = stage.counts ? count(output) : { passed: code === 0 ? 1 : 0, failed: 0 };
      const failed = code === 0 ? 0 : Math.max(1, counted.failed);
      resolve({ passed: counted.passed, failed });
    });
  });
}

async function main(): Promise<void> {
  const only = process.argv.slice(2);
  const stages =
    only.length > 0 ? STAGES.filter((stage) => only.some((word) => stage.name.includes(word))) : STAGES;
  const total: Outcome = { passed: 0, failed: 0 };
  const failures: string[] = [];
  for (const stage of stages) {
    const started = Date.now();
    console.log(`\n── ${stage.name}`);
    const outcome = await run(stage);
    total.passed += outcome.passed;
    total.failed += outcome.failed;
    if (outcome.failed > 0) failures.push(stage.name);
    console.log(
      `── ${stage.name}: ${outcome.failed > 0 ? "failed" : "passed"} in ${Math.round((Date.now() - started) / 1000)} s`,
    );
  }
  if (failures.length > 0) console.log(`\nFailed: ${failures.join(", ")}`);
  console.log(`\n${total.passed} passed, ${total.failed} failed`);
  process.exitCode = total.failed > 0 ? 1 : 0;
}

await main();
