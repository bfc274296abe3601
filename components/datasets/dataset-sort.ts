import type { DatasetDto } from "@/lib/schemas/dataset";

const FIGURES = {
  name: null,
  hot: (dataset: DatasetDto) => dataset.hot?.sizeBytes ?? null,
  rows: (dataset: DatasetDto) => dataset.hot?.rowCount ?? null,
  growth: (dataset: DatasetDto) => dataset.growthBytesPerWeek,
  late: (dataset: DatasetDto) => dataset.lateDays,
  dead: (dataset: DatasetDto) => dataset.deadRatio,
} as const;
export type DatasetSortKey = keyof typeof FIGURES;

export interface DatasetSorting {
  key: DatasetSortKey;
  direction: "asc" | "desc";
}

const isKey = (key: string): key is DatasetSortKey => key in FIGURES;

/** `-hot` in the address: by hot size, largest first. */
export function datasetSorting(text: string | undefined): DatasetSorting {
  const key = text?.replace(/^-/, "") ?? "name";
  if (!isKey(key)) return { key: "name", direction: "asc" };
  return { key, direction: text?.startsWith("-") ? "desc" : "asc" };
}

export interface FamilyRow {
  dataset: DatasetDto;
  /** How deep it hangs: 0 for the root of a family. */
  depth: number;
}

/** Datasets with their children beneath them; families in the order of their roots, unknown figures last. */
export function byFamily(datasets: readonly DatasetDto[], sorting: DatasetSorting): FamilyRow[] {
  const sorted = [...datasets].sort(comparing(sorting));
  const known = new Set(datasets.map((dataset) => dataset.datasetId));
  const below = (parentId: string | null, depth: number): FamilyRow[] =>
    sorted
      .filter((dataset) =>
        parentId === null ? !dataset.parentId || !known.has(dataset.parentId) : dataset.parentId === parentId,
      )
      .flatMap((dataset) => [{ dataset, depth }, ...below(dataset.datasetId, depth + 1)]);
  return below(null, 0);
}

function comparing({ key, direction }: DatasetSorting): (a: DatasetDto, b: DatasetDto) => number {
  const sign = direction === "asc" ? 1 : -1;
  const figure = FIGURES[key];
  if (!figure) return (a, b) => sign * a.name.localeCompare(b.name);
  return (a, b) => {
    const [left, right] = [figure(a), figure(b)];
    if (left === null || right === null) return Number(left === null) - Number(right === null);
    return sign * (left - right);
  };
}
