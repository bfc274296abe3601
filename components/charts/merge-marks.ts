import type { ChartMark, ChartRange } from "./chart-types";

/** Marks nearer to each other than this share of the range become one: their labels would lie on each other. */
const NEAR = 0.08;

/** Chart marks from things that happened; `label` names one of them, or several that lie together. */
export function mergeMarks<Item extends { at: string }>(
  items: readonly Item[],
  range: ChartRange,
  label: (together: readonly Item[]) => string,
): ChartMark[] {
  const nearMs = (range.untilMs - range.fromMs) * NEAR;
  const groups: Item[][] = [];
  for (const item of [...items].sort((a, b) => a.at.localeCompare(b.at))) {
    const last = groups.at(-1);
    if (last?.[0] && Date.parse(item.at) - Date.parse(last[0].at) < nearMs) last.push(item);
    else groups.push([item]);
  }
  return groups.map((group) => ({ atMs: Date.parse(group[0]?.at ?? ""), label: label(group) }));
}
