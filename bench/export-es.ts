import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { commitSegment } from "@/lib/segments/commit";
import { createThreadedSidecarBuilder } from "@/lib/segments/gram-builder";
import { createSegmentWriter, type WrittenSegment } from "@/lib/segments/writer";
import type { Cursor } from "@/lib/stores/batch";
import { elasticsearchConfigSchema } from "@/lib/stores/elasticsearch/config";
import { elasticsearchDriver } from "@/lib/stores/elasticsearch/store";
import { folderDriver } from "@/lib/stores/folder/store";
import type { FamilyScope, RowAccess, Window } from "@/lib/stores/rows";
import type { ObjectAccess } from "@/lib/stores/store";
import type { TableShape } from "@/lib/stores/table";
import type { TestServer } from "@/lib/stores/testing/server-file";
import { runningServer } from "../e2e/servers/testing";
import { type Bench, type BenchResult, median } from "./bench";
import { type Exchange, exchanges, random, rowText } from "./texts";

const DOCS = 60_000;
const DOC_BYTES = 2_000;
const INDEX = "strata-bench-export";
const PAGE = 5_000;
/** What an archive takes for a window (lib/operations/archive/cold). */
const WINDOW_ROWS = 32_000;
const BATCH = { batchRows: 2_000, batchBytes: 4 << 20 };
const OPEN = { name: "bench", timeoutMs: 60_000, connections: 8 } as const;

/** The archive's own way to cold without its deletion: windows, digests, Parquet, put, read back, proved. */
export const bench: Bench = {
  name: "export-es",
  summary: "60,000 documents of 2 KB → verified segments, against a scroll of the index with 5,000 a page",
  async run({ scale, rounds, say }): Promise<BenchResult[]> {
    const results: BenchResult[] = [];
    const texts = exchanges(say);
    for (const name of ["elasticsearch-8", "opensearch-2", "opensearch-3"]) {
      const server = runningServer(name);
      if (!server) say(`${name} is not here: npm run servers -- --only ${name}`);
      else results.push(await against(server, Math.round(DOCS * scale), rounds, texts, say));
    }
    if (results.length === 0) throw new Error("No server to measure on. npm run servers starts them.");
    return results;
  },
};

async function against(
  server: TestServer,
  docCount: number,
  rounds: number,
  texts: readonly Exchange[],
  say: (line: string) => void,
): Promise<BenchResult> {
  const origin = `http://${server.host}:${server.port}`;
  await fill(origin, docCount, texts);
  const dir = mkdtempSync(join(tmpdir(), "strata-export-es-"));
  const config = elasticsearchConfigSchema.parse({ host: server.host, port: server.port });
  const store = elasticsearchDriver.open(config, { ...OPEN, access: "read" });
  const exported: number[] = [];
  const scrolled: number[] = [];
  try {
    for (let round = 0; round < rounds; round += 1) {
      const base = docCount / (await seconds(() => scrollAll(origin, docCount)));
      const cpu = process.cpuUsage();
      const work = docCount / (await seconds(() => exportAll(store.rows, dir, round, docCount)));
      const { user, system } = process.cpuUsage(cpu);
      scrolled.push(base);
      exported.push(work);
      say(
        `${server.name} round ${round + 1}: ${work.toFixed(0)} docs/s against ${base.toFixed(0)}; CPU of this process ${((user + system) / 1e6).toFixed(1)} s`,
      );
    }
  } finally {
    await store.close();
    await fetch(`${origin}/${INDEX}`, { method: "DELETE" });
    rmSync(dir, { recursive: true, force: true });
  }
  const [figure, baseline] = [median(exported), median(scrolled)];
  return {
    label: server.name,
    figure,
    unit: "docs/s",
    baseline,
    ratio: figure / baseline,
    target: { op: ">=", value: 0.7 },
  };
}

async function seconds(work: () => Promise<void>): Promise<number> {
  const begun = performance.now();
  await work();
  return (performance.now() - begun) / 1_000;
}

async function send(origin: string, method: string, path: string, body?: string): Promise<Buffer> {
  const answer = await fetch(`${origin}${path}`, {
    method,
    body,
    headers: { "content-type": path.startsWith("/_bulk") ? "application/x-ndjson" : "application/json" },
  });
  const bytes = Buffer.from(await answer.arrayBuffer());
  if (answer.status === 429) {
    // The small heap of a test server is full for the moment.
    await pause(500);
    return send(origin, method, path, body);
  }
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${bytes.toString().slice(0, 300)}`);
  return bytes;
}

async function fill(origin: string, docCount: number, texts: readonly Exchange[]): Promise<void> {
  await fetch(`${origin}/${INDEX}`, { method: "DELETE" });
  const properties = {
    created_at: { type: "date" },
    username: { type: "keyword" },
    model_name: { type: "keyword" },
    total_tokens: { type: "long" },
    elapsed_time: { type: "double" },
    prompt: { type: "text" },
    answer: { type: "text" },
  };
  const settings = { number_of_shards: 1, number_of_replicas: 0, refresh_interval: "-1" };
  await send(origin, "PUT", `/${INDEX}`, JSON.stringify({ settings, mappings: { properties } }));
  const next = random(42);
  const start = Date.UTC(2025, 0, 1);
  let lines: string[] = [];
  for (let n = 0; n < docCount; n += 1) {
    const { prompt, answer } = rowText(texts, next, DOC_BYTES);
    const at = new Date(start + Math.floor((n / docCount) * 60 * 86_400_000)).toISOString();
    const document = {
      created_at: at,
      username: `user-${Math.floor(next() ** 2 * 500)}`,
      model_name: `model-${n % 4}`,
      total_tokens: Math.floor(next() * 4_000),
      elapsed_time: next() * 10,
      prompt,
      answer,
    };
    lines.push(`{"index":{"_index":"${INDEX}","_id":"doc-${n}"}}\n${JSON.stringify(document)}\n`);
    if (lines.length === 1_000 || n === docCount - 1) {
      await send(origin, "POST", "/_bulk", lines.join(""));
      lines = [];
    }
  }
  await send(origin, "POST", `/${INDEX}/_refresh`);
}

/** The cheapest way to have all documents: in the order they lie, never parsed but for the number of pages. */
async function scrollAll(origin: string, docCount: number): Promise<void> {
  let answer = await send(
    origin,
    "POST",
    `/${INDEX}/_search?scroll=1m`,
    JSON.stringify({ size: PAGE, sort: ["_doc"] }),
  );
  const scrollId = /"_scroll_id":"([^"]+)"/.exec(answer.toString("latin1", 0, 5_000))?.[1] ?? "";
  for (let seen = PAGE; seen < docCount; seen += PAGE) {
    answer = await send(
      origin,
      "POST",
      "/_search/scroll",
      JSON.stringify({ scroll: "1m", scroll_id: scrollId }),
    );
  }
  await send(origin, "DELETE", "/_search/scroll", JSON.stringify({ scroll_id: scrollId }));
}

/** As the archive's pipeline does it: the next window is copied while the last one is put and proved. */
async function exportAll(
  rows: RowAccess | undefined,
  dir: string,
  round: number,
  docCount: number,
): Promise<void> {
  const cold = folderDriver.open({ path: join(dir, `cold${round}`) }, { ...OPEN, access: "write" });
  if (!rows || !cold.objects) throw new Error("the stores lack what the export needs");
  const signal = new AbortController().signal;
  const scope: FamilyScope = {
    members: [{ table: { schema: "index", name: INDEX }, key: ["_id"], columns: [], via: null }],
    time: { column: "created_at", unit: "timestamptz" },
    fromUs: null,
    untilUs: null,
  };
  const shape = await rows.describe({ schema: "index", name: INDEX }, signal);
  let after: Cursor | null = null;
  let committing: Promise<number> = Promise.resolve(0);
  let total = 0;
  for (let number = 0; ; number += 1) {
    const window: Window | null = await rows.window(scope, after, WINDOW_ROWS, signal);
    if (!window) break;
    const written = await copy(
      rows,
      scope,
      shape,
      after,
      window,
      join(dir, "scratch"),
      `r${round}-${number}`,
    );
    total += await committing;
    committing = commit(cold.objects, written, signal);
    after = window.end;
  }
  total += await committing;
  if (total !== docCount) throw new Error(`${total} of ${docCount} documents were exported`);
}

async function commit(objects: ObjectAccess, written: WrittenSegment, signal: AbortSignal): Promise<number> {
  const { manifest } = await commitSegment(objects, written, signal);
  await written.discard();
  return manifest.rowCount;
}

async function copy(
  rows: RowAccess,
  scope: FamilyScope,
  shape: TableShape,
  after: Cursor | null,
  window: Window,
  scratchDir: string,
  segmentId: string,
): Promise<WrittenSegment> {
  const textColumns = ["prompt", "answer"];
  const filters = { user: "username", model: "model_name" };
  const writer = await createSegmentWriter({
    segmentId,
    dataset: { name: "bench", store: "bench", schema: "index", table: INDEX },
    month: window.month,
    columns: shape.columns.map(({ name, physical, type, nullable }) => ({
      name,
      physical,
      sourceType: type,
      nullable,
    })),
    keyColumns: ["_id"],
    time: scope.time,
    window: { after, end: window.end },
    operationId: "bench",
    versions: { strata: "bench", store: "bench" },
    scratchDir,
    sidecar: {
      builder: createThreadedSidecarBuilder({ textColumns, filterRoles: Object.keys(filters) }),
      textColumns,
      filters,
    },
  });
  const options = { member: 0, after, upTo: window.end, ...BATCH, digests: true, versions: true };
  for await (const batch of rows.read(scope, options, new AbortController().signal))
    await writer.append(batch);
  return writer.finish();
}
