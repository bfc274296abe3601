import type { Batch, Value, Vector } from "@/lib/stores/batch";
import type { Hit } from "@/lib/stores/elasticsearch/hits";
import { parseDate } from "@/lib/stores/elasticsearch/instant";
import { JsonScanner, type Span } from "@/lib/stores/elasticsearch/json-scan";
import { type EsColumn, EXTRA_COLUMN } from "@/lib/stores/elasticsearch/mapper";
import { isOddFloat } from "@/lib/stores/float-text";
import { vectorText } from "@/lib/stores/text-form";

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;
/** Years 1 to 9999: what four digits can say. */
const MIN_MS = -62_135_596_800_000;
const MAX_MS = 253_402_300_799_999;
/** No document can have a field of this name: it holds the routing of one that has its own. */
const ROUTING = "_routing";

/** A column's value, and whether it says all of what the document says. If not, `_extra` has the document's own text. */
interface Held {
  value: Value;
  whole: boolean;
}

const NOTHING: Held = { value: null, whole: false };

function hold(column: EsColumn, scanner: JsonScanner, span: Span): Held {
  if (isNull(scanner, span)) return NOTHING;
  switch (column.kind) {
    case "string":
      return holdString(scanner, span);
    case "json":
      return { value: scanner.bytes.subarray(span.start, span.end), whole: true };
    case "int64":
      return holdInteger(scanner.raw(span));
    case "float64":
      return holdFloat(scanner.raw(span));
    case "bool": {
      const raw = scanner.raw(span);
      return raw === "true" || raw === "false" ? { value: raw === "true", whole: true } : NOTHING;
    }
    case "date":
      return holdDate(column, scanner, span);
    default:
      return NOTHING;
  }
}

const isNull = ({ bytes }: JsonScanner, { start, end }: Span): boolean =>
  end - start === 4 && bytes[start] === 0x6e; // n of null

function holdString(scanner: JsonScanner, span: Span): Held {
  if (!scanner.isText(span)) {
    // A number or a list in a field of texts: shown as it stands, and kept exactly beside it.
    return { value: scanner.bytes.subarray(span.start, span.end), whole: false };
  }
  const value = scanner.textBytes(span);
  return { value, whole: value !== null };
}

function holdInteger(raw: string): Held {
  if (!/^-?(0|[1-9]\d{0,18})$/.test(raw) || raw === "-0") return NOTHING;
  const value = BigInt(raw);
  return value >= INT64_MIN && value <= INT64_MAX ? { value, whole: true } : NOTHING;
}

function holdFloat(raw: string): Held {
  if (!/^-?\d/.test(raw)) return NOTHING;
  const value = Number(raw);
  if (!Number.isFinite(value) || Object.is(value, -0) || isOddFloat(value)) return NOTHING;
  return { value, whole: String(value) === raw };
}

function holdDate(column: EsColumn, scanner: JsonScanner, span: Span): Held {
  const text = scanner.isText(span)
    ? scanner.raw({ start: span.start + 1, end: span.end - 1 })
    : scanner.raw(span);
  const ms = /^-?\d{5,17}$/.test(text) ? Number(text) * (column.seconds ? 1_000 : 1) : parseDate(text);
  if (ms === null || !(ms >= MIN_MS && ms <= MAX_MS)) return NOTHING;
  const whole = scanner.isText(span) && new Date(ms).toISOString() === text;
  return { value: BigInt(ms) * 1_000n, whole };
}

/** Fills vectors from documents. */
export class RowsBuilder {
  private readonly values: Value[][];
  private readonly byName = new Map<string, number>();
  private readonly extraAt: number;
  rowCount = 0;
  sizeBytes = 0;

  constructor(readonly columns: readonly EsColumn[]) {
    this.values = columns.map(() => []);
    columns.forEach(({ name, kind }, at) => {
      if (kind !== "index" && kind !== "id" && kind !== "extra") this.byName.set(name, at);
    });
    this.extraAt = columns.findIndex(({ kind }) => kind === "extra");
  }

  add(hit: Hit): void {
    const row = this.rowCount;
    this.rowCount += 1;
    const extra: [string, string][] = [];
    this.columns.forEach(({ kind }, at) => {
      const text = kind === "index" ? hit.index : kind === "id" ? hit.id : null;
      this.values[at]?.push(text === null ? null : Buffer.from(text));
    });
    this.sizeBytes += hit.index.length + hit.id.length;
    if (hit.source) this.fill(hit.scanner, hit.source, row, extra);
    if (this.extraAt >= 0) this.set(this.extraAt, row, extraText(extra, hit.routing));
  }

  vectors(): Vector[] {
    return this.columns.map(({ name, physical, type }, at) => ({
      name,
      physical,
      sourceType: type,
      values: this.values[at] ?? [],
      exact: NO_EXACT,
    }));
  }

  private fill(scanner: JsonScanner, source: Span, row: number, extra: [string, string][]): void {
    this.sizeBytes += source.end - source.start;
    scanner.at = source.start;
    scanner.object((name) => {
      const span = scanner.skip();
      const { at } = scanner;
      const index = this.byName.get(name);
      const column = index === undefined ? undefined : this.columns[index];
      const held = column ? hold(column, scanner, span) : NOTHING;
      if (index !== undefined) this.set(index, row, held.value);
      if (!held.whole) extra.push([name, scanner.bytes.toString("utf8", span.start, span.end)]);
      scanner.at = at;
    });
  }

  private set(column: number, row: number, value: Value): void {
    const values = this.values[column];
    if (values) values[row] = value;
  }
}

const NO_EXACT: ReadonlyMap<number, string> = new Map();

/** Members in the order of their names: the same document gives the same text, wherever its fields stood. */
function extraText(members: [string, string][], routing: string | null): Value {
  if (members.length === 0 && routing === null) return null;
  members.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  const parts = members.map(([name, raw]) => `${JSON.stringify(name)}:${raw}`);
  if (routing !== null) parts.unshift(`"${ROUTING}":${JSON.stringify(routing)}`);
  return Buffer.from(`{${parts.join(",")}}`);
}

/** A document to be written. */
export interface Document {
  /** Null: the rows have no column `_index`. */
  index: string | null;
  id: string;
  routing: string | null;
  source: string;
}

/** The document that a row was read from: columns, and over them what `_extra` says. */
export function documentOf(columns: readonly EsColumn[], batch: Batch, row: number): Document {
  const document: Document = { index: null, id: "", routing: null, source: "" };
  const texts = batch.vectors.map((vector) => vectorText(vector, row));
  const extra = extraMembers(texts[columns.findIndex(({ name }) => name === EXTRA_COLUMN)] ?? null);
  const parts: string[] = [];
  columns.forEach((column, at) => {
    const text = texts[at] ?? null;
    if (column.kind === "index") document.index = text;
    else if (column.kind === "id") document.id = text ?? "";
    else if (column.kind !== "extra") {
      const raw =
        extra.get(column.name) ?? (text === null ? null : rawOf(column, text, batch.vectors[at], row));
      extra.delete(column.name);
      if (raw !== null) parts.push(`${JSON.stringify(column.name)}:${raw}`);
    }
  });
  const routing = extra.get(ROUTING);
  if (routing !== undefined) document.routing = JSON.parse(routing) as string;
  extra.delete(ROUTING);
  for (const [name, raw] of extra) parts.push(`${JSON.stringify(name)}:${raw}`);
  document.source = `{${parts.join(",")}}`;
  return document;
}

function rawOf(column: EsColumn, text: string, vector: Vector | undefined, row: number): string {
  switch (column.kind) {
    case "string":
      return JSON.stringify(text);
    case "float64":
      return String(vector?.values[row] ?? text);
    case "date": {
      const value = vector?.values[row];
      return JSON.stringify(
        typeof value === "bigint" ? new Date(Number(value / 1_000n)).toISOString() : text,
      );
    }
    default:
      return text;
  }
}

/** Names and exact texts of what `_extra` holds. */
export function extraMembers(text: string | null): Map<string, string> {
  const members = new Map<string, string>();
  if (text === null) return members;
  const scanner = new JsonScanner(Buffer.from(text));
  scanner.object((name) => {
    const { start, end } = scanner.skip();
    members.set(name, scanner.bytes.toString("utf8", start, end));
  });
  return members;
}
