import type { Roles } from "@/lib/schemas/dataset";
import type { TimeColumn, TimeUnit } from "@/lib/stores/table";

export interface NamedColumn {
  name: string;
  /** The store's own name of the type, with modifiers. */
  type: string;
}

export type TypeClass =
  | "timestamp"
  | "timestamptz"
  | "date"
  | "integer"
  | "number"
  | "text"
  | "json"
  | "uuid"
  | "bool"
  | "other";

/** What a column's type is good for, by the names that databases and document stores give their types. */
export function classOf(type: string): TypeClass {
  const name = type.toLowerCase();
  if (/\[\]$|^array\b./.test(name)) return "other";
  if (/^(timestamp(\(\d\))? with time zone|timestamptz)/.test(name)) return "timestamptz";
  if (/^(timestamp|datetime)/.test(name)) return "timestamp";
  if (name === "date") return "date";
  if (/^(bigint|long$|unsigned_long|int8|int4|integer|int|smallint|int2|bigserial|serial)/.test(name))
    return "integer";
  if (/^(numeric|decimal|real|double|float)/.test(name)) return "number";
  if (/^(jsonb?|object|array|nested|flattened|ejson)$|\(json\)$/.test(name)) return "json";
  if (/^uuid$/.test(name)) return "uuid";
  if (/^bool/.test(name)) return "bool";
  if (/^(text|string|varchar|character|char|bpchar|citext|longtext|mediumtext|tinytext|name$)/.test(name))
    return "text";
  return "other";
}

/** The unit of a time column by its type; null for integers, whose unit only their values tell. */
export function unitOfType(type: string): TimeUnit | null {
  const found = classOf(type);
  return found === "timestamp" || found === "timestamptz" || found === "date" ? found : null;
}

const YEAR_2001_S = 978_307_200;
const YEAR_2100_S = 4_102_444_800;

/** Whether a whole number could be an instant between 2001 and 2100, and counted in what; null if in nothing. */
export function unitOfMagnitude(value: number): "s" | "ms" | "us" | null {
  const inRange = (scale: number) => value >= YEAR_2001_S * scale && value < YEAR_2100_S * scale;
  if (inRange(1)) return "s";
  if (inRange(1_000)) return "ms";
  return inRange(1_000_000) ? "us" : null;
}

/** No role filled. */
export const noRoles = (): Roles => ({
  key: [],
  time: null,
  tenant: null,
  user: null,
  status: null,
  model: null,
  tokens: null,
  text: [],
  prompt: null,
  answer: null,
});

/** Names of columns that the roles mention, each with the role's name, in a fixed order. */
export function columnsInRoles(roles: Roles): { role: keyof Roles; column: string }[] {
  const single = (["tenant", "user", "status", "model", "tokens", "prompt", "answer"] as const).flatMap(
    (role) => {
      const column = roles[role];
      return column === null ? [] : [{ role, column }];
    },
  );
  return [
    ...roles.key.map((column) => ({ role: "key" as const, column })),
    ...(roles.time ? [{ role: "time" as const, column: roles.time.column }] : []),
    ...single,
    ...roles.text.map((column) => ({ role: "text" as const, column })),
  ];
}

export const timeColumn = (column: string, unit: TimeUnit): TimeColumn => ({ column, unit });
