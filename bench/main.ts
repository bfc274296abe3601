import { parseArgs } from "node:util";
import { type Bench, type BenchResult, isMet } from "./bench";

/** Name → module. Each is loaded only when it runs. */
const BENCHES: Record<string, () => Promise<{ bench: Bench }>> = {
  "archive-table": () => import("./archive-table"),
  "archive-cold": () => import("./archive-cold"),
  "archive-mariadb": () => import("./archive-mariadb"),
  "export-es": () => import("./export-es"),
  "export-mongo": () => import("./export-mongo"),
  memory: () => import("./memory"),
  "s3-put": () => import("./s3-put"),
  "search-cold": () => import("./search-cold"),
  "search-hot": () => import("./search-hot"),
  "search-kinds": () => import("./search-kinds"),
  pages: () => import("./pages"),
  bundle: () => import("./bundle"),
  start: () => import("./start"),
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    check: { type: "boolean", default: false },
    scale: { type: "string", default: "1" },
    rounds: { type: "string", default: "3" },
  },
});

const figure = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));

function line(name: string, result: BenchResult): string {
  const label = result.label ? `${name} ${result.label}` : name;
  const against = result.baseline === null ? "" : ` against ${figure(result.baseline)} ${result.unit}`;
  const verdict = isMet(result) ? "met" : "missed";
  return `${label}: ${figure(result.figure)} ${result.unit}${against} = ${figure(result.ratio)} (target ${result.target.op} ${result.target.value}): ${verdict}`;
}

async function list(): Promise<void> {
  for (const load of Object.values(BENCHES)) {
    const { bench } = await load();
    console.log(`${bench.name.padEnd(14)} ${bench.summary}`);
  }
  console.log("\nRun one: npm run bench -- NAME [--check] [--scale 0.1] [--rounds 3]");
}

async function main(): Promise<void> {
  if (positionals.length === 0) return list();
  let missed = 0;
  for (const name of positionals) {
    const load = BENCHES[name];
    if (!load) throw new Error(`No benchmark is called "${name}". npm run bench lists them.`);
    const { bench } = await load();
    const options = {
      scale: Number(values.scale),
      rounds: Number(values.rounds),
      say: (text: string) => console.log(`  ${text}`),
    };
    for (const result of await bench.run(options)) {
      console.log(line(name, result));
      if (!isMet(result)) missed += 1;
    }
  }
  process.exitCode = values.check && missed > 0 ? 1 : 0;
}

await main();
