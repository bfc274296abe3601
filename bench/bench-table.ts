import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Client } from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { db } from "@/lib/control/database";
import type { Roles } from "@/lib/schemas/dataset";
import { type Exchange, random, rowText } from "./texts";

export const ROLES: Roles = {
  key: ["id"],
  time: { column: "created_at", unit: "timestamptz" },
  tenant: null,
  user: "username",
  status: null,
  model: "model_name",
  tokens: "total_tokens",
  text: ["prompt", "answer"],
  prompt: "prompt",
  answer: "answer",
};

const MODELS = ["gpt-5-mini", "claude-haiku", "qwen-max", "deepseek-chat"];
const ROW_BYTES = 2_000;
const escaped = (text: string): string =>
  text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll("\r", "\\r").replaceAll("\t", "\\t");

/** A conversations table of rows of about 2 KB over 12 months, with primary key and time index. */
export async function makeTable(
  app: Client,
  name: string,
  rowCount: number,
  texts: readonly Exchange[],
): Promise<void> {
  await app.query(`DROP TABLE IF EXISTS ${name}, ${name}_archive`);
  await app.query(`CREATE TABLE ${name} (id bigint PRIMARY KEY, username text NOT NULL, model_name text NOT NULL,
    total_tokens int, created_at timestamptz NOT NULL, prompt text, answer text)`);
  await pipeline(
    Readable.from(copyLines(rowCount, texts), { objectMode: false }),
    app.query(copyFrom(`COPY ${name} FROM STDIN`)),
  );
  await app.query(`CREATE INDEX ON ${name} (created_at, id)`);
  await app.query(`VACUUM ANALYZE ${name}`);
  await app.query("CHECKPOINT");
}

function* copyLines(rowCount: number, texts: readonly Exchange[]): Generator<Buffer> {
  const next = random(42);
  const end = Date.now() - 2 * 86_400_000;
  const start = end - 365 * 86_400_000;
  let lines: string[] = [];
  for (let id = 1; id <= rowCount; id++) {
    const { prompt, answer } = rowText(texts, next, ROW_BYTES);
    const at = new Date(start + ((end - start) * id) / rowCount).toISOString();
    lines.push(
      `${id}\tuser-${Math.floor(next() ** 2 * 500)}\t${MODELS[id % MODELS.length]}\t${Math.floor(next() * 4_000)}\t${at}\t${escaped(prompt)}\t${escaped(answer)}\n`,
    );
    if (lines.length === 500) {
      yield Buffer.from(lines.join(""));
      lines = [];
    }
  }
  yield Buffer.from(lines.join(""));
}

export async function findDatasetId(name: string): Promise<string> {
  const { id } = await db().dataset.findUniqueOrThrow({ where: { name }, select: { id: true } });
  return id;
}
