import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { SegmentColumn } from "@/lib/segments/columns";
import type { Manifest } from "@/lib/segments/segment";
import { createSidecarBuilder } from "@/lib/segments/sidecar";
import { createSegmentWriter } from "@/lib/segments/writer";
import type { Batch, Value } from "@/lib/stores/batch";
import { exchanges as loadTexts, random } from "./texts";

export const ROWS_PER_SEGMENT = 20_000;
const BATCH_ROWS = 1000;
const USERS = 10_000;
const VOCABULARY = 200_000;
const FIRST_US = Date.UTC(2025, 9, 1) * 1000;
/** 100 segments span 400 days. */
const SEGMENT_US = 4 * 86_400 * 1_000_000;
/** Bumped whenever what is generated or how it is written changes. */
const RECIPE = 5;

export const COLUMNS: SegmentColumn[] = [
  { name: "id", physical: "int64", sourceType: "bigint", nullable: false },
  { name: "created_at", physical: "timestamptz", sourceType: "timestamp with time zone", nullable: false },
  { name: "user_id", physical: "text", sourceType: "text", nullable: true },
  { name: "model", physical: "text", sourceType: "text", nullable: true },
  { name: "status", physical: "text", sourceType: "text", nullable: true },
  { name: "prompt", physical: "text", sourceType: "text", nullable: true },
  { name: "answer", physical: "text", sourceType: "text", nullable: true },
];

/** 6 to 10 letters. */
function randomWord(next: () => number): string {
  const length = 6 + Math.floor(next() * 5);
  let word = "";
  for (let at = 0; at < length; at += 1) word += String.fromCharCode(97 + Math.floor(next() * 26));
  return word;
}

/** A word that about ten of two million rows hold. */
export const vocabularyWord = (index: number): string => randomWord(random(0x5eed0000 + index));
/** A word that one row holds. */
export const uniqueWord = (row: number): string => randomWord(random(0x71000000 + row));

interface Exchange {
  prompt: Buffer;
  answer: Buffer;
}

function loadExchanges(say: (line: string) => void): Exchange[] {
  const texts = loadTexts(say);
  say(`text: ${texts.length} exchanges`);
  return texts.map(({ prompt, completion }) => ({
    prompt: Buffer.from(prompt),
    answer: Buffer.from(completion),
  }));
}

export interface ColdData {
  folder: string;
  manifests: Manifest[];
}

/** Builds the segments once per scale and keeps them under bench/.data. */
export async function coldData(scale: number, say: (line: string) => void): Promise<ColdData> {
  const count = Math.max(1, Math.round(100 * scale));
  const folder = resolve(import.meta.dirname, `.data/search-cold-${RECIPE}`);
  await mkdir(folder, { recursive: true });
  let exchanges: Exchange[] | undefined;
  const manifests: Manifest[] = [];
  const started = performance.now();
  let built = 0;
  for (let index = 0; index < count; index += 1) {
    const path = join(folder, `segment-${index}.json`);
    if (!existsSync(path)) {
      exchanges ??= loadExchanges(say);
      await buildSegment(folder, path, index, exchanges);
      built += 1;
      if (built % 10 === 0)
        say(`${built} segments built in ${((performance.now() - started) / 1000).toFixed(0)} s`);
    }
    manifests.push(JSON.parse(await readFile(path, "utf8")) as Manifest);
  }
  return { folder, manifests };
}

async function buildSegment(
  folder: string,
  path: string,
  index: number,
  exchanges: Exchange[],
): Promise<void> {
  const textColumns = ["prompt", "answer"];
  const filters = { user: "user_id", model: "model", status: "status" };
  const segmentId = `bench-${String(index).padStart(4, "0")}`;
  const writer = await createSegmentWriter({
    segmentId,
    dataset: { name: "bench", store: "bench", schema: "public", table: "conversations" },
    month: new Date((FIRST_US + index * SEGMENT_US) / 1000).toISOString().slice(0, 7),
    columns: COLUMNS,
    keyColumns: ["id"],
    time: { column: "created_at", unit: "timestamptz" },
    window: { after: null, end: [] },
    operationId: "bench",
    versions: { strata: "bench", store: "bench" },
    scratchDir: join(folder, "scratch"),
    sidecar: {
      builder: createSidecarBuilder({ textColumns, filterRoles: Object.keys(filters) }),
      textColumns,
      filters,
    },
  });
  for (let from = 0; from < ROWS_PER_SEGMENT; from += BATCH_ROWS) {
    await writer.append(makeBatch(index * ROWS_PER_SEGMENT + from, exchanges));
  }
  const { manifest, parquetPath, sidecar } = await writer.finish();
  const target = join(folder, manifest.key);
  await mkdir(dirname(target), { recursive: true });
  await rm(target, { force: true });
  await rename(parquetPath, target);
  if (manifest.sidecar && sidecar) await writeFile(join(folder, manifest.sidecar.key), sidecar);
  await writeFile(path, JSON.stringify(manifest));
}

const newline = Buffer.from("\n\n");
const MODELS = ["gpt-4o", "gpt-4o-mini", "claude-sonnet", "qwen-max", "deepseek-chat"].map((name) =>
  Buffer.from(name),
);
const STATUSES = ["succeeded", "succeeded", "succeeded", "succeeded", "failed"].map((name) =>
  Buffer.from(name),
);

function makeBatch(first: number, exchanges: Exchange[]): Batch {
  const next = random(first);
  const pick = <T>(values: readonly T[]): T => values[Math.floor(next() * values.length)] as T;
  const values: Value[][] = COLUMNS.map(() => []);
  const digests: Uint8Array[] = [];
  let sizeBytes = 0;
  for (let row = first; row < first + BATCH_ROWS; row += 1) {
    const prompts: Buffer[] = [];
    const answers: Buffer[] = [];
    let length = 0;
    while (length < 1000) {
      const exchange = pick(exchanges);
      prompts.push(exchange.prompt.subarray(0, 4000), newline);
      answers.push(exchange.answer.subarray(0, 6000), newline);
      length += exchange.prompt.length + exchange.answer.length;
    }
    prompts.push(Buffer.from(`${uniqueWord(row)} ${vocabularyWord(Math.floor(next() * VOCABULARY))}`));
    answers.push(Buffer.from(`${randomWord(next)} ${randomWord(next)}`));
    const prompt = whole(Buffer.concat(prompts));
    const answer = whole(Buffer.concat(answers));
    const us = FIRST_US + Math.floor((row / ROWS_PER_SEGMENT) * SEGMENT_US);
    const line: Value[] = [
      BigInt(row),
      BigInt(us),
      Buffer.from(`user-${Math.floor(next() * USERS)}`),
      pick(MODELS),
      pick(STATUSES),
      prompt,
      answer,
    ];
    line.forEach((value, column) => {
      values[column]?.push(value);
    });
    const digest = Buffer.alloc(16);
    digest.writeUInt32LE(row, 0);
    digests.push(digest);
    sizeBytes += prompt.length + answer.length + 64;
  }
  return {
    rowCount: BATCH_ROWS,
    vectors: COLUMNS.map((column, index) => ({ ...column, values: values[index] ?? [], exact: new Map() })),
    digests,
    sizeBytes,
    end: [],
  };
}

/** Cutting a text may split a character: what is broken becomes a replacement character, as any database wants. */
const whole = (bytes: Buffer): Buffer => Buffer.from(bytes.toString("utf8"));
