import type { Physical, Value, Vector } from "@/lib/stores/batch";
import { floatText } from "@/lib/stores/float-text";
import type { ColumnShape } from "@/lib/stores/table";
import { textForm } from "@/lib/stores/text-form";

export interface LogColumn extends ColumnShape {
  /** An instant kept as ISO text, as Dify writes it: typed by its instant, with the text beside it. */
  textTime: boolean;
}

const TYPES: Readonly<Record<string, { type: string; physical: Physical }>> = {
  int2: { type: "smallint", physical: "int64" },
  int4: { type: "integer", physical: "int64" },
  int8: { type: "bigint", physical: "int64" },
  float4: { type: "real", physical: "float64" },
  float8: { type: "double precision", physical: "float64" },
  bool: { type: "boolean", physical: "bool" },
  timestamp: { type: "timestamp without time zone", physical: "timestamp" },
  timestamptz: { type: "timestamp with time zone", physical: "timestamptz" },
  date: { type: "date", physical: "date" },
  varchar: { type: "varchar", physical: "text" },
};

const TEXTS = new Set(["text", "varchar", "bpchar"]);
/** LogStore has no type for instants: its indexes know text, long, double and json. */
const TIME_NAME = /(?:^|[ _-])(?:at|time|timestamp|date)$|[a-z](?:At|Time)$|(?:时间|日期)$/;

/** A field by the type name of the catalogue. */
export function columnOf(name: string, typeName: string): LogColumn {
  const textTime = TEXTS.has(typeName) && TIME_NAME.test(name);
  const known = TYPES[typeName] ?? { type: typeName, physical: "text" as const };
  return {
    name,
    // Named so that whoever looks for a time column finds one.
    type: textTime ? "timestamp as text" : known.type,
    physical: textTime ? "timestamp" : known.physical,
    nullable: true,
    generated: "no",
    default: null,
    textTime,
  };
}

const encoder = new TextEncoder();

/** Vectors of rows as the server sent them; `at` is the index of the first of these columns in a row. */
export const vectorsOf = (
  columns: readonly LogColumn[],
  rows: readonly (readonly (string | null)[])[],
  at = 0,
): Vector[] =>
  columns.map((column, index) => {
    const exact = new Map<number, string>();
    const values = rows.map((row, number) => {
      const text = row[at + index] ?? null;
      if (text === null) return null;
      const { value, exactText } = valueOfText(column.physical, text);
      if (exactText !== null) exact.set(number, exactText);
      return value;
    });
    return { name: column.name, physical: column.physical, sourceType: column.type, values, exact };
  });

interface Held {
  value: Value;
  /** Where the text form of the value is not the text that came. */
  exactText: string | null;
}

function valueOfText(physical: Physical, text: string): Held {
  if (physical === "text") return { value: encoder.encode(text), exactText: null };
  if (physical === "bool" && (text === "t" || text === "f")) return { value: text === "t", exactText: null };
  const value = parsed(physical, text);
  if (value === null) return { value, exactText: text };
  return textForm(physical, value) === text ? { value, exactText: null } : inexact(physical, value, text);
}

/** An instant in another spelling keeps its instant: segments are cut and searched by it. */
const inexact = (physical: Physical, value: Value, text: string): Held => ({
  value: physical === "timestamp" || physical === "timestamptz" ? value : null,
  exactText: text,
});

const INT64 = /^-?\d{1,19}$/;

function parsed(physical: Physical, text: string): Value {
  switch (physical) {
    case "int64": {
      const value = INT64.test(text) ? BigInt(text) : null;
      return value !== null && BigInt.asIntN(64, value) === value ? value : null;
    }
    case "float64": {
      const value = Number(text);
      return floatText(value) === text ? value : null;
    }
    case "timestamp":
    case "timestamptz":
      return microsOf(text);
    case "date": {
      const us = /^\d{4}-\d\d-\d\d$/.test(text) ? microsOf(text) : null;
      return us === null ? null : us / 86_400_000_000n;
    }
    default:
      return null;
  }
}

const INSTANT = /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?)?(?:Z|\+00(?::?00)?)?$/;

/** Microseconds since 1970 UTC of an ISO text, with or without the zone UTC; null for anything else. */
export function microsOf(text: string): bigint | null {
  const match = INSTANT.exec(text);
  if (!match) return null;
  const ms = Date.parse(`${match[1]}T${match[2] ?? "00:00:00"}Z`);
  if (Number.isNaN(ms)) return null;
  return BigInt(ms) * 1_000n + BigInt((match[3] ?? "").padEnd(6, "0"));
}
