/** One benchmark: builds its own data, measures work and baseline alternately in the same run. */
export interface Bench {
  name: string;
  summary: string;
  run(options: BenchOptions): Promise<BenchResult[]>;
}

export interface BenchOptions {
  /** 1 is the size the target is stated for; smaller for a quick look. */
  scale: number;
  rounds: number;
  say(line: string): void;
}

export interface BenchResult {
  /** What was measured, when a benchmark has several figures. */
  label: string;
  figure: number;
  unit: string;
  baseline: number | null;
  /** figure / baseline, or the figure itself where there is no baseline. */
  ratio: number;
  target: { op: "<=" | ">="; value: number };
}

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const low = sorted[middle - 1] ?? Number.NaN;
  const high = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 ? high : (low + high) / 2;
};

/** Nearest-rank percentile; `p` in 0..1. */
export const percentile = (values: readonly number[], p: number): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(p * sorted.length) - 1)] ?? Number.NaN;
};

export const isMet = ({ ratio, target }: BenchResult): boolean =>
  target.op === "<=" ? ratio <= target.value : ratio >= target.value;
