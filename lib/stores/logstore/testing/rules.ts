import { type Token, tokensOf } from "@/lib/stores/logstore/testing/tokens";

/** What is done with a statement. */
export type Ruling =
  | { do: "ignore"; tag: string }
  | { do: "select"; logstores: string[]; limited: boolean }
  | { do: "insert"; logstore: string }
  | { do: "define" }
  | { do: "refuse"; code: string; message: string };

/** One log of SLS has at most 1 MB; one write at most 10 MB (limits of PutLogs). */
export const MAX_VALUE_BYTES = 1 << 20;
export const MAX_STATEMENT_BYTES = 10 << 20;

const IGNORED = new Set(["BEGIN", "COMMIT", "ROLLBACK", "START", "END"]);
const CONSTRAINTS = [
  ...["PRIMARY", "UNIQUE", "DEFAULT", "REFERENCES", "CHECK", "CONSTRAINT", "GENERATED", "NOT", "EXCLUDE"],
  ...[
    "SERIAL",
    "BIGSERIAL",
    "SMALLSERIAL",
    "IDENTITY",
    "LIKE",
    "INHERITS",
    "PARTITION",
    "AS",
    "TEMP",
    "UNLOGGED",
  ],
];

const refuse = (message: string, code = "0A000"): Ruling => ({ do: "refuse", code, message });

/** What the documented protocol says to a statement. In doubt it says no: a double may be stricter, never laxer. */
export function rule(sql: string): Ruling {
  if (Buffer.byteLength(sql) > MAX_STATEMENT_BYTES) return refuse("the request is too large", "54000");
  const tokens = tokensOf(sql);
  if (tokens.at(-1)?.value === ";") tokens.pop();
  if (tokens.some(({ kind, value }) => kind === "sign" && value === ";"))
    return refuse("one statement at a time", "42601");
  const first = tokens[0]?.value ?? "";
  if (IGNORED.has(first)) return { do: "ignore", tag: first === "START" ? "BEGIN" : first };
  if (first === "SELECT" || first === "WITH") return ruleSelect(tokens);
  if (first === "INSERT") return ruleInsert(tokens);
  if (["CREATE", "ALTER", "DROP"].includes(first)) return ruleDefine(tokens);
  return refuse(`${first} is not supported`);
}

const words = (tokens: readonly Token[]): string[] =>
  tokens.filter(({ kind }) => kind === "word").map(({ value }) => value);

function ruleSelect(tokens: readonly Token[]): Ruling {
  const bad = words(tokens).find((word) => ["INSERT", "UPDATE", "DELETE", "MERGE", "INTO"].includes(word));
  if (bad) return refuse(`${bad} is not supported here`);
  const from = tokens.flatMap(({ kind, value }, at) => {
    if (kind !== "word" || (value !== "FROM" && value !== "JOIN")) return [];
    return nameAt(tokens, at + 1) ?? [];
  });
  const catalogue = from.some((name) => /^(pg_catalog|information_schema|pg_)/i.test(name));
  const limited = tokens.some(
    ({ kind, value, depth }) => depth === 0 && kind === "word" && value === "LIMIT",
  );
  return { do: "select", logstores: catalogue ? [] : from, limited: limited || catalogue };
}

/** The last part of a dotted name; its first where that is a catalogue's. */
function nameAt(tokens: readonly Token[], at: number): string | null {
  const [first, dot, second] = tokens.slice(at, at + 3);
  if (!first || (first.kind !== "name" && first.kind !== "word")) return null;
  const name = first.kind === "word" ? first.value.toLowerCase() : first.value;
  if (dot?.value !== "." || /^(pg_catalog|information_schema)$/.test(name)) return name;
  return second ? (second.kind === "word" ? second.value.toLowerCase() : second.value) : name;
}

function ruleInsert(tokens: readonly Token[]): Ruling {
  const all = words(tokens.filter(({ depth }) => depth === 0));
  if (!all.includes("VALUES")) return refuse("INSERT takes VALUES only");
  const bad = all.find((word) => ["CONFLICT", "RETURNING", "SELECT", "DEFAULT", "OVERRIDING"].includes(word));
  if (bad) return refuse(`INSERT … ${bad} is not supported`);
  if (words(tokens).includes("DEFAULT")) return refuse("default values are not supported");
  const values = tokens.findIndex(({ kind, value }) => kind === "word" && value === "VALUES");
  if (tokens[values - 1]?.value !== ")") return refuse("INSERT names its columns");
  const long = tokens.some(
    ({ kind, value }) => kind === "text" && Buffer.byteLength(value) > MAX_VALUE_BYTES,
  );
  if (long) return refuse("a log has at most 1 MB", "54000");
  const logstore = nameAt(tokens, 2);
  return logstore === null ? refuse("no logstore is named", "42601") : { do: "insert", logstore };
}

function ruleDefine(tokens: readonly Token[]): Ruling {
  const [verb, what] = words(tokens);
  if (what !== "TABLE") return refuse(`${verb} ${what ?? ""} is not supported`);
  const bad = words(tokens)
    .slice(2)
    .find((word) => CONSTRAINTS.includes(word));
  if (bad) return refuse(`constraints and defaults are not supported (${bad})`);
  if (verb === "ALTER" && !words(tokens).includes("ADD")) return refuse("ALTER TABLE adds columns only");
  return { do: "define" };
}
