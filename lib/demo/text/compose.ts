import type { Random } from "@/lib/demo/random";
import { CHINESE_DOMAINS, chineseBank } from "@/lib/demo/text/chinese";
import { ENGLISH_DOMAINS, englishBank } from "@/lib/demo/text/english";
import { Grammar } from "@/lib/demo/text/grammar";
import { spice } from "@/lib/demo/text/spice";

export type Language = "en" | "zh";

/** One subject that people ask about, in one language. */
export interface Topic {
  name: string;
  language: Language;
  grammar: Grammar;
}

export const TOPICS: readonly Topic[] = [
  ...ENGLISH_DOMAINS.map((name) => ({
    name,
    language: "en" as const,
    grammar: new Grammar(englishBank(name)),
  })),
  ...CHINESE_DOMAINS.map((name) => ({
    name,
    language: "zh" as const,
    grammar: new Grammar(chineseBank(name)),
  })),
];

/** A Chinese character takes three bytes and says what two or three letters say. */
const unit = (topic: Topic): number => (topic.language === "zh" ? 3 : 1);

const between = (topic: Topic): string => (topic.language === "zh" ? "" : " ");

/** A question of about `sizeBytes` UTF-8 bytes, at least one sentence. */
export function prompt(topic: Topic, random: Random, sizeBytes: number): string {
  let text = topic.grammar.say("ask", random);
  const length = sizeBytes / unit(topic);
  while (text.length < length) text = topic.grammar.say("sentence", random) + between(topic) + text;
  return text;
}

/** Running text of about `sizeBytes`, capitalised, without line breaks. */
export function paragraph(topic: Topic, random: Random, sizeBytes: number): string {
  const length = sizeBytes / unit(topic);
  let text = "";
  while (text.length < length) text += sentence(topic, random) + between(topic);
  return text.trimEnd();
}

/** An answer of about `sizeBytes`: a paragraph, a list, a table or code, and now and then something odd. */
export function answer(topic: Topic, random: Random, sizeBytes: number): string {
  let text = topic.grammar.say("hello", random) + paragraph(topic, random, Math.min(sizeBytes, 600));
  const length = sizeBytes / unit(topic);
  while (text.length < length) text += `\n\n${block(topic, random)}`;
  return text + spice(topic, random);
}

/** A long document (a contract, a manual, a log of a case) of at least `sizeBytes`. */
export function longDocument(topic: Topic, random: Random, sizeBytes: number): string {
  const pieces: string[] = [`# ${topic.grammar.say("heading", random)}`];
  let bytes = 0;
  while (bytes < sizeBytes) {
    const piece = block(topic, random);
    // The share of Latin figures makes a Chinese character worth a little less than three bytes.
    bytes += topic.language === "zh" ? piece.length * 2.2 : piece.length;
    pieces.push(piece);
  }
  return pieces.join("\n\n");
}

function sentence(topic: Topic, random: Random): string {
  const text = topic.grammar.say("sentence", random);
  const first = text.charCodeAt(0);
  return first >= 97 && first <= 122 ? String.fromCharCode(first - 32) + text.slice(1) : text;
}

function block(topic: Topic, random: Random): string {
  const kind = random.float();
  if (kind < 0.55) return paragraph(topic, random, random.between(200, 900));
  if (kind < 0.7) return list(topic, random);
  if (kind < 0.82) return `## ${topic.grammar.say("heading", random)}\n\n${paragraph(topic, random, 300)}`;
  if (kind < 0.9) return table(topic, random);
  return code(topic, random);
}

function list(topic: Topic, random: Random): string {
  const items = Array.from(
    { length: random.between(3, 8) },
    (_, at) => `${at + 1}. ${sentence(topic, random)}`,
  );
  return items.join("\n");
}

function table(topic: Topic, random: Random): string {
  const say = (rule: string) => topic.grammar.say(rule, random);
  const head =
    topic.language === "zh" ? "| 项目 | 负责人 | 数量 | 状态 |" : "| Item | Owner | Count | State |";
  const rows = Array.from(
    { length: random.between(3, 9) },
    () => `| ${say("thing")} | ${say("name")} | ${random.between(1, 9000)} | ${say("state")} |`,
  );
  return [head, "| --- | --- | ---: | --- |", ...rows].join("\n");
}

const COLUMNS = [
  "customer_id",
  "created_at",
  "amount",
  "status",
  "region",
  "sku",
  "tenant_id",
  "quantity",
  "updated_at",
];
const TABLES = [
  "orders",
  "invoices",
  "refunds",
  "shipments",
  "contracts",
  "sessions",
  "bookings",
  "payments",
];

function code(topic: Topic, random: Random): string {
  const table = random.pick(TABLES);
  const column = random.pick(COLUMNS);
  const state = random.between(100, 9999);
  if (random.chance(0.5)) {
    const where = `${random.pick(COLUMNS)} > ${state} AND ${random.pick(COLUMNS)} <> '${random.hex(6)}'`;
    return `\`\`\`sql\nSELECT ${column}, count(*) AS n, sum(${random.pick(COLUMNS)})\nFROM ${table}\nWHERE ${where}\nGROUP BY ${column}\nORDER BY n DESC LIMIT ${random.between(5, 200)};\n\`\`\``;
  }
  const comment = topic.grammar.say("detail", random);
  return `\`\`\`ts\n// ${comment}\nexport async function load${random.hex(4)}(${column}: number) {\n  const rows = await db.${table}.find({ ${random.pick(COLUMNS)}: "${random.hex(8)}", limit: ${state} });\n  return rows.filter((row) => row.${random.pick(COLUMNS)} > ${column});\n}\n\`\`\``;
}
