import type { CompareRowDto } from "@/lib/schemas/price";

const FIGURES = {
  name: null,
  kind: null,
  rows: (row: CompareRowDto) => row.rowCount,
  size: (row: CompareRowDto) => row.sizeBytes,
  growth: (row: CompareRowDto) => row.growthBytesPerDay,
  oldest: (row: CompareRowDto) => (row.oldestAt ? Date.parse(row.oldestAt) : null),
  // Amounts of several currencies are not compared: the largest stands for the row.
  cost: (row: CompareRowDto) =>
    row.costPerMonth.length === 0 ? null : Math.max(...row.costPerMonth.map((cost) => cost.amount)),
  full: (row: CompareRowDto) => row.daysUntilFull,
} as const;
export type CompareKey = keyof typeof FIGURES;
export const COMPARE_KEYS = Object.keys(FIGURES) as CompareKey[];

export interface CompareSorting {
  key: CompareKey;
  direction: "asc" | "desc";
}

/** `-size` in the address: largest first, which is also how the list begins. */
export function compareSorting(text: string | undefined): CompareSorting {
  const name = text?.replace(/^-/, "");
  const key = COMPARE_KEYS.find((known) => known === name);
  if (!key) return { key: "size", direction: "desc" };
  return { key, direction: text?.startsWith("-") ? "desc" : "asc" };
}

/** Unknown figures come last in both directions. */
export function sortRows(
  rows: readonly CompareRowDto[],
  { key, direction }: CompareSorting,
): CompareRowDto[] {
  const sign = direction === "asc" ? 1 : -1;
  const figure = FIGURES[key];
  const text = (row: CompareRowDto) =>
    key === "kind" ? `${row.kindLabel} ${row.storeName} ${row.name}` : row.name;
  return [...rows].sort((a, b) => {
    if (!figure) return sign * text(a).localeCompare(text(b));
    const [left, right] = [figure(a), figure(b)];
    if (left === null || right === null) return Number(left === null) - Number(right === null);
    return sign * (left - right) || a.name.localeCompare(b.name);
  });
}
