import type { Physical } from "@/lib/stores/batch";
import type { ColumnShape } from "@/lib/stores/table";

/** How a field's values are held in its column. What does not fit goes into `_extra`, exactly. */
export type EsKind = "index" | "id" | "string" | "json" | "int64" | "float64" | "bool" | "date" | "extra";

export interface EsColumn {
  name: string;
  kind: EsKind;
  /** Kept in segments: decides how a restore reads the column. */
  type: string;
  physical: Physical;
  /** Numbers in this date field are seconds, not milliseconds. */
  seconds: boolean;
}

export const INDEX_COLUMN = "_index";
export const ID_COLUMN = "_id";
export const EXTRA_COLUMN = "_extra";

/** A field of one of these names is kept in `_extra`. */
const RESERVED = new Set([INDEX_COLUMN, ID_COLUMN, EXTRA_COLUMN]);

export interface FieldMapping {
  type?: string;
  format?: string;
  enabled?: boolean;
  index?: boolean;
  doc_values?: boolean;
  analyzer?: string;
  properties?: Record<string, FieldMapping>;
  fields?: Record<string, FieldMapping>;
}
export interface IndexMapping {
  _source?: { enabled?: boolean };
  properties?: Record<string, FieldMapping>;
}

const STRINGS = new Set([
  ...["keyword", "constant_keyword", "wildcard", "text", "match_only_text", "ip", "version"],
  ...["search_as_you_type", "annotated_text", "semantic_text"],
]);
const INTEGERS = new Set(["long", "integer", "short", "byte"]);
const FLOATS = new Set(["double", "float", "half_float", "scaled_float"]);

/** Formats whose texts `parseDate` reads as the server does. */
const KNOWN_FORMATS =
  /^(strict_)?(date_optional_time(_nanos)?|date_time(_no_millis)?|date_hour_minute_second(_millis|_fraction)?|date|year_month_day)$|^(iso8601|epoch_millis|epoch_second)$|^yyyy-MM-dd([ T'HhmsSXZx:.]*)$/;

const PHYSICAL: Readonly<Record<EsKind, Physical>> = {
  index: "text",
  id: "text",
  string: "text",
  json: "text",
  int64: "int64",
  float64: "float64",
  bool: "bool",
  date: "timestamptz",
  extra: "text",
};

function kindOf(field: FieldMapping): EsKind {
  const type = field.type ?? "object";
  if (STRINGS.has(type)) return "string";
  if (INTEGERS.has(type)) return "int64";
  if (FLOATS.has(type)) return "float64";
  if (type === "boolean") return "bool";
  if (type !== "date" && type !== "date_nanos") return "json";
  const formats = (field.format ?? "strict_date_optional_time||epoch_millis").split("||");
  return formats.every((format) => KNOWN_FORMATS.test(format)) ? "date" : "json";
}

function columnOf(name: string, field: FieldMapping): EsColumn {
  const kind = kindOf(field);
  const type = field.type ?? "object";
  const seconds = kind === "date" && (field.format ?? "").includes("epoch_second");
  const shown = kind === "date" ? `timestamptz (${type}${seconds ? ", seconds" : ""})` : type;
  return {
    name,
    kind,
    type: kind === "json" && type !== "object" ? `${type} (json)` : shown,
    physical: PHYSICAL[kind],
    seconds,
  };
}

const special = (name: string, kind: EsKind): EsColumn => ({
  name,
  kind,
  type: kind === "extra" ? "json" : "keyword",
  physical: "text",
  seconds: false,
});

/**
 * The columns of one or more indices: `_index` where there are several to tell apart, `_id`, every field of the
 * mapping at the top level, `_extra`. A field that two indices map unlike becomes exact JSON text.
 */
export function columnsOf(mappings: readonly IndexMapping[], withIndex: boolean): EsColumn[] {
  const fields = new Map<string, EsColumn>();
  for (const mapping of mappings)
    for (const [name, field] of Object.entries(mapping.properties ?? {})) {
      if (RESERVED.has(name)) continue;
      const column = columnOf(name, field);
      const there = fields.get(name);
      if (!there) fields.set(name, column);
      else if (there.kind !== column.kind || there.seconds !== column.seconds)
        fields.set(name, { name, kind: "json", type: "mixed (json)", physical: "text", seconds: false });
    }
  const names = [...fields.keys()].sort();
  return [
    ...(withIndex ? [special(INDEX_COLUMN, "index")] : []),
    special(ID_COLUMN, "id"),
    ...names.flatMap((name) => fields.get(name) ?? []),
    special(EXTRA_COLUMN, "extra"),
  ];
}

/** A column as a segment remembers it, for writing rows back. */
export function columnOfVector(name: string, physical: Physical, sourceType: string): EsColumn {
  const column = (kind: EsKind): EsColumn => ({
    name,
    kind,
    type: sourceType,
    physical,
    seconds: sourceType.includes("seconds"),
  });
  if (name === INDEX_COLUMN) return column("index");
  if (name === ID_COLUMN) return column("id");
  if (name === EXTRA_COLUMN) return column("extra");
  if (physical === "int64") return column("int64");
  if (physical === "float64") return column("float64");
  if (physical === "bool") return column("bool");
  if (physical === "timestamptz") return column("date");
  return column(STRINGS.has(sourceType) ? "string" : "json");
}

export const shapeOfColumn = (column: EsColumn): ColumnShape => ({
  name: column.name,
  type: column.type,
  physical: column.physical,
  nullable: column.kind !== "id" && column.kind !== "index",
  generated: "no",
  default: null,
});
