import type { Manifest } from "@/lib/segments/segment";
import type { TableShape } from "@/lib/stores/table";
import type { Position } from "./position";

/** How a key column is compared: by number, or by the bytes of its text form. */
export type KeyKind = "number" | "text";

const isNumber = (physical: string, type: string): boolean =>
  physical === "int64" || physical === "float64" || /^(numeric|decimal)/.test(type);

export const kindsOfShape = (shape: TableShape, key: readonly string[]): KeyKind[] =>
  key.map((name) => {
    const column = shape.columns.find((candidate) => candidate.name === name);
    return column && isNumber(column.physical, column.type) ? "number" : "text";
  });

export const kindsOfManifest = ({ columns, keyColumns }: Manifest): KeyKind[] =>
  keyColumns.map((name) => {
    const column = columns.find((candidate) => candidate.name === name);
    return column && isNumber(column.physical, column.sourceType) ? "number" : "text";
  });

function compareNumbers(a: string, b: string): number {
  const whole = /^-?\d+$/;
  if (whole.test(a) && whole.test(b)) {
    const difference = BigInt(a) - BigInt(b);
    return difference === 0n ? 0 : difference > 0n ? 1 : -1;
  }
  return Number(a) - Number(b) || compareTexts(a, b);
}

/** By code points, which is the order of UTF-8 bytes. */
function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** Newest first, rows without a time last, then by key from its end: the order of every tier. */
export function comparePositions(a: Position, b: Position, kinds: readonly KeyKind[]): number {
  if (a.timeUs !== b.timeUs) {
    if (a.timeUs === null) return 1;
    if (b.timeUs === null) return -1;
    return a.timeUs > b.timeUs ? -1 : 1;
  }
  for (let at = 0; at < Math.max(a.key.length, b.key.length); at += 1) {
    const compare = kinds[at] === "number" ? compareNumbers : compareTexts;
    const difference = compare(b.key[at] ?? "", a.key[at] ?? "");
    if (difference !== 0) return difference;
  }
  return 0;
}
