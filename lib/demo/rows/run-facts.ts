import type { PlannedRun } from "@/lib/demo/plan";
import { Random } from "@/lib/demo/random";
import { type Exchange, exchange } from "@/lib/demo/rows/exchange";

/** The question and answer of a run: its nodes and its message tell of the same one. */
export const runExchange = (run: PlannedRun): Exchange => exchange(run.app.topic, new Random(run.seed, 10));

/** How many of its nodes a run reached: all when it succeeded, fewer when it failed or was stopped. */
export function nodesRun(run: PlannedRun): number {
  const { length } = run.app.nodeTypes;
  if (run.status === "succeeded" || run.status === "partial-succeeded") return length;
  return 1 + (run.seed % Math.max(1, length - 1));
}
