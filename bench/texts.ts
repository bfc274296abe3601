import { existsSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

export interface Exchange {
  prompt: string;
  completion: string;
}

const PLACES = [process.env.STRATA_BENCH_DATA, "../shared/data/conversations.jsonl.gz"];
const WORDS =
  "table index vacuum segment archive restore latency refund invoice travel recipe method returns values query column window order customer delivery report summary policy 退款 物流 合同 报表 查询 订单 客户 数据".split(
    " ",
  );

/** Real exchanges if the file is there; else generated ones, and it says so. */
export function exchanges(say: (line: string) => void): Exchange[] {
  const path = PLACES.find((place) => place && existsSync(place));
  if (path) {
    const lines = gunzipSync(readFileSync(path)).toString().trim().split("\n");
    return lines.map((line): Exchange => JSON.parse(line));
  }
  say("No file of real conversations here (STRATA_BENCH_DATA): the text is generated.");
  const next = random(7);
  const sentence = (count: number) =>
    Array.from({ length: count }, () => WORDS[Math.floor(next() * WORDS.length)]).join(" ");
  return Array.from({ length: 2_000 }, () => ({ prompt: sentence(20), completion: sentence(80) }));
}

/** Deterministic numbers in [0, 1). */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const LETTERS = "abcdefghijklmnopqrstuvwxyz";

/** A word that hardly any other row has. */
export const randomWord = (next: () => number, length = 9): string =>
  Array.from({ length }, () => LETTERS[Math.floor(next() * LETTERS.length)]).join("");

/** About `bytes` of text: several exchanges and a few random words, so that compression figures stay honest. */
export function rowText(
  pool: readonly Exchange[],
  next: () => number,
  bytes: number,
): { prompt: string; answer: string } {
  const pick = () => pool[Math.floor(next() * pool.length)] ?? { prompt: "", completion: "" };
  const first = pick();
  let answer = first.completion;
  while (answer.length + first.prompt.length < bytes * 0.9) answer += `\n${pick().completion}`;
  const words = Array.from({ length: 4 }, () => randomWord(next)).join(" ");
  return {
    prompt: first.prompt.slice(0, bytes / 2),
    answer: `${answer.slice(0, bytes - Math.min(first.prompt.length, bytes / 2))} ${words}`,
  };
}
