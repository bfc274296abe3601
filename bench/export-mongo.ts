import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Collection, MongoClient } from "mongodb";
import { mongoConfigSchema } from "@/lib/stores/mongodb/config";
import { mongodbDriver } from "@/lib/stores/mongodb/store";
import { runningServer } from "../e2e/servers/testing";
import { type Bench, type BenchResult, median } from "./bench";
import { exportToCold } from "./export-to-cold";
import { exchanges, random, rowText } from "./texts";

const DOCS = 40_000;
const DOC_BYTES = 2_000;
const DATABASE = "strata_bench";
const COLLECTION = "conversations";

/** Documents as an application of JavaScript writes them: nested, with numbers of every kind. */
export const bench: Bench = {
  name: "export-mongo",
  summary: "40,000 documents of 2 KB → verified segments, against the client's cursor drained and discarded",
  async run({ scale, rounds, say }): Promise<BenchResult[]> {
    const server = runningServer("mongodb");
    if (!server) throw new Error("MongoDB is not here: npm run servers -- --only mongodb");
    const client = new MongoClient(server.url);
    const collection = client.db(DATABASE).collection(COLLECTION);
    const docCount = Math.round(DOCS * scale);
    const dir = mkdtempSync(join(tmpdir(), "strata-export-mongo-"));
    const config = mongoConfigSchema.parse({
      hosts: `${server.host}:${server.port}`,
      database: DATABASE,
      user: server.user,
      password: server.password,
    });
    const store = mongodbDriver.open(config, {
      access: "read",
      name: "bench",
      timeoutMs: 60_000,
      connections: 4,
    });
    try {
      await fill(collection, docCount, say);
      await drain(collection, docCount);
      const exported: number[] = [];
      const drained: number[] = [];
      for (let round = 0; round < rounds; round += 1) {
        const base = docCount / (await seconds(() => drain(collection, docCount)));
        const cpu = process.cpuUsage();
        const work =
          docCount / (await seconds(() => exportAll(store.rows, join(dir, `round${round}`), docCount)));
        const { user, system } = process.cpuUsage(cpu);
        drained.push(base);
        exported.push(work);
        say(
          `round ${round + 1}: ${work.toFixed(0)} docs/s against ${base.toFixed(0)}; CPU of this process ${((user + system) / 1e6).toFixed(1)} s`,
        );
      }
      const [figure, baseline] = [median(exported), median(drained)];
      return [
        {
          label: "",
          figure,
          unit: "docs/s",
          baseline,
          ratio: figure / baseline,
          target: { op: ">=", value: 0.6 },
        },
      ];
    } finally {
      await store.close();
      await client.db(DATABASE).dropDatabase();
      await client.close();
      rmSync(dir, { recursive: true, force: true });
    }
  },
};

async function seconds(work: () => Promise<void>): Promise<number> {
  const begun = performance.now();
  await work();
  return (performance.now() - begun) / 1_000;
}

/** The client's own way with its own settings: each document an object, then forgotten. */
async function drain(collection: Collection, docCount: number): Promise<void> {
  let seen = 0;
  for await (const _ of collection.find({})) seen += 1;
  if (seen !== docCount) throw new Error(`${seen} of ${docCount} documents were read`);
}

async function exportAll(
  rows: ReturnType<typeof mongodbDriver.open>["rows"],
  dir: string,
  docCount: number,
): Promise<void> {
  if (!rows) throw new Error("a MongoDB store has rows");
  const total = await exportToCold({
    rows,
    dir,
    table: { schema: DATABASE, name: COLLECTION },
    time: { column: "createdAt", unit: "timestamptz" },
    textColumns: ["prompt", "answer"],
    filters: { user: "user", model: "model" },
  });
  if (total !== docCount) throw new Error(`${total} of ${docCount} documents were exported`);
}

async function fill(collection: Collection, docCount: number, say: (line: string) => void): Promise<void> {
  await collection.drop().catch(() => undefined);
  await collection.createIndex({ createdAt: 1, _id: 1 });
  const texts = exchanges(say);
  const next = random(42);
  const start = Date.UTC(2025, 0, 1);
  for (let from = 0; from < docCount; from += 500) {
    const documents = Array.from({ length: Math.min(500, docCount - from) }, (_, at) => ({
      createdAt: new Date(start + Math.floor(((from + at) / docCount) * 60 * 86_400_000)),
      user: `user-${Math.floor(next() ** 2 * 500)}`,
      model: `model-${at % 4}`,
      tokens: Math.floor(next() * 4_000),
      seconds: next() * 10,
      ...rowText(texts, next, DOC_BYTES),
      meta: { ip: "10.0.0.1", tags: ["a", "b"], usage: { prompt: 12, completion: 34 } },
    }));
    await collection.insertMany(documents);
  }
}
