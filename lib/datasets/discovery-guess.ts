import { classOf, noRoles, unitOfMagnitude, unitOfType } from "@/lib/datasets/roles";
import type { Roles } from "@/lib/schemas/dataset";
import type { RoleGuess } from "@/lib/schemas/store";
import type { TableSummary, TimeUnit } from "@/lib/stores/table";

/** `schema.table.column` → a value the column is known to hold, from statistics. */
export type BigintBounds = ReadonlyMap<string, { min: number; max: number }>;

type Column = TableSummary["columns"][number];

/** Names of columns that hold when a row was made, the usual ones first; in English and Chinese. */
const TIME_NAMES =
  /^(created_?(at|time|on|date)?|create_?(time|date)|inserted_?at|logged_?at|occurred_?at|event_?time|timestamp|time|ts|date|start(ed)?_?(at|time)|request_?time|gmt_?create|创建时间|时间|日期)(_?(s|ms|us|sec|secs|seconds|millis|micros))?$/i;
const TIME_MAYBE = /(_at|_time|_date|_ts|时间)$|^(.*)(At|Time)$/;
const NOT_CREATION = /(updat|modif|delet|finish|end|expire|expir|更新|结束)/i;

const NAMED: Record<"tenant" | "user" | "status" | "model" | "tokens", RegExp[]> = {
  tenant: [/^tenant(_?id)?$/i, /^(org|organization|workspace|project|account|team)(_?id)?$/i, /^租户/],
  user: [
    /^user_?name$/i,
    /^user(_?id)?$/i,
    /^(created_by|end_user(_id)?|from_end_user_id|author|operator|actor|uid)$/i,
    /^用户/,
  ],
  status: [/^(status|state)$/i, /^(result|outcome|level|severity|code)$/i, /^状态/],
  model: [/^model(_?(name|id))?$/i, /^(llm|engine|模型)/i],
  tokens: [/^total_?tokens$/i, /tokens?$/i],
};
const PROMPT =
  /^(prompt|query|question|input|inputs|request|request_body|message|user_message|content|问题|提问|内容)$/i;
const ANSWER = /^(answer|response|output|outputs|reply|completion|result|response_body|回答|答案|回复)$/i;
const SHORT_TEXT = /\((\d+)\)/;

/** Roles of an unknown table, each with how sure it is and why. */
export function guessRoles(
  table: TableSummary,
  bounds: BigintBounds,
): { roles: Roles; guesses: RoleGuess[] } {
  const guesses: RoleGuess[] = [];
  const roles: Roles = { ...noRoles(), key: [...(table.key ?? [])] };
  if (table.key?.length) {
    guesses.push({
      role: "key",
      columns: [...table.key],
      confidence: "sure",
      reasonKey: "primaryKey",
      details: {},
    });
  }
  const time = guessTime(table, bounds);
  if (time) {
    roles.time = { column: time.column, unit: time.unit };
    guesses.push(time.guess);
  }
  for (const role of ["tenant", "user", "status", "model", "tokens"] as const) {
    const column = byName(table.columns, NAMED[role], role === "tokens");
    if (!column) continue;
    roles[role] = column.name;
    guesses.push({
      role,
      columns: [column.name],
      confidence: "likely",
      reasonKey: "name",
      details: { column: column.name },
    });
  }
  guessText(table, roles, guesses);
  return { roles, guesses };
}

interface TimeGuess {
  column: string;
  unit: TimeUnit;
  guess: RoleGuess;
}

function guessTime(table: TableSummary, bounds: BigintBounds): TimeGuess | null {
  const candidates = table.columns.flatMap((column) => {
    const found = timeCandidate(table, column, bounds);
    return found ? [found] : [];
  });
  return candidates.sort((a, b) => b.score - a.score)[0] ?? null;
}

function timeCandidate(
  table: TableSummary,
  column: Column,
  bounds: BigintBounds,
): (TimeGuess & { score: number }) | null {
  const named = TIME_NAMES.test(column.name) ? 3 : TIME_MAYBE.test(column.name) ? 1 : 0;
  const created = /^(created|create|创建)/i.test(column.name) ? 2 : 0;
  const late = NOT_CREATION.test(column.name) ? 3 : 0;
  const guess = (
    confidence: RoleGuess["confidence"],
    reasonKey: string,
    details: RoleGuess["details"],
  ): RoleGuess => ({
    role: "time",
    columns: [column.name],
    confidence,
    reasonKey,
    details: { column: column.name, ...details },
  });
  const unit = unitOfType(column.type);
  if (unit) {
    const score = 4 + named + created - late - (unit === "date" ? 1 : 0);
    return {
      column: column.name,
      unit,
      score,
      guess: guess(named ? "sure" : "likely", "timeType", { type: column.type }),
    };
  }
  if (classOf(column.type) !== "integer") return null;
  const bound = bounds.get(`${table.ref.schema}.${table.ref.name}.${column.name}`);
  const measured = bound ? unitOfMagnitude(bound.max) : null;
  if (measured && (named || unitOfMagnitude(bound?.min ?? 0) === measured)) {
    return {
      column: column.name,
      unit: measured,
      score: 2 + named + created - late,
      guess: guess("likely", "timeMagnitude", { unit: measured }),
    };
  }
  // A named integer without statistics: seconds are the most common, and the form asks to check it.
  if (!named || bound) return null;
  const supposed = /ms|milli/i.test(column.name) ? "ms" : "s";
  return {
    column: column.name,
    unit: supposed,
    score: named + created - late,
    guess: guess("guess", "timeName", { unit: supposed }),
  };
}

function byName(columns: readonly Column[], patterns: readonly RegExp[], numeric: boolean): Column | null {
  for (const pattern of patterns) {
    const found = columns.find(({ name, type }) => pattern.test(name) && (!numeric || isNumber(type)));
    if (found) return found;
  }
  return null;
}

const isNumber = (type: string) => ["integer", "number"].includes(classOf(type));

function guessText(table: TableSummary, roles: Roles, guesses: RoleGuess[]): void {
  const texts = table.columns.filter(({ type }) => isLong(type)).map((column) => column.name);
  roles.prompt = texts.find((name) => PROMPT.test(name)) ?? null;
  roles.answer = texts.find((name) => ANSWER.test(name) && name !== roles.prompt) ?? null;
  const first = [roles.prompt, roles.answer].filter((name) => name !== null);
  roles.text = [...first, ...texts.filter((name) => !first.includes(name))].slice(0, 8);
  for (const role of ["prompt", "answer"] as const) {
    const column = roles[role];
    if (column)
      guesses.push({ role, columns: [column], confidence: "likely", reasonKey: "name", details: { column } });
  }
  if (roles.text.length > 0) {
    guesses.push({
      role: "text",
      columns: roles.text,
      confidence: "guess",
      reasonKey: "longText",
      details: {},
    });
  }
}

/** Text worth searching: not the short codes of varchar(64) and the like. */
function isLong(type: string): boolean {
  const found = classOf(type);
  if (found === "json") return true;
  const length = SHORT_TEXT.exec(type)?.[1];
  return found === "text" && (length === undefined || Number(length) > 255);
}
