import { TIERS, type Tier } from "@/lib/schemas/dataset";
import type { TierEvent } from "./search-result";

/** One sentence of the status line. */
export type TierLine =
  | { kind: "done"; tiers: Tier[]; ms: number }
  | { kind: "running"; tiers: Tier[] }
  | { kind: "segments"; state: "running" | "done"; opened: number; total: number; ms: number }
  | { kind: "missing"; segments: number; scope: "all" | "some" }
  | { kind: "failed"; dataset: string; tier: Tier; message: string };

const sum = (events: readonly TierEvent[], of: (event: TierEvent) => number): number =>
  events.reduce((total, event) => total + of(event), 0);

/** How each tier stands, over all datasets: those that ended first, then those that run, then what is missing. */
export function tierLines(events: readonly TierEvent[]): TierLine[] {
  const of = (tier: Tier) => events.filter((event) => event.tier === tier);
  const tables = TIERS.filter((tier) => tier !== "cold").filter((tier) => of(tier).length > 0);
  const running = tables.filter((tier) => of(tier).some((event) => event.state === "running"));
  const done = tables.filter(
    (tier) => !running.includes(tier) && of(tier).some((event) => event.state === "done"),
  );
  const lines: TierLine[] = [];
  if (done.length > 0) {
    const ms = Math.max(...done.flatMap((tier) => of(tier).map((event) => event.ms)));
    lines.push({ kind: "done", tiers: done, ms });
  }
  if (running.length > 0) lines.push({ kind: "running", tiers: running });
  lines.push(...coldLines(of("cold")));
  for (const event of events)
    if (event.state === "failed" && !(event.tier === "cold" && event.missing > 0))
      lines.push({ kind: "failed", dataset: event.dataset, tier: event.tier, message: event.message ?? "" });
  return lines;
}

function coldLines(cold: readonly TierEvent[]): TierLine[] {
  if (cold.length === 0) return [];
  const asked = cold.filter((event) => event.state !== "failed" || event.scanned > 0);
  const opened = sum(asked, (event) => event.scanned);
  const missing = sum(cold, (event) => event.missing);
  const total = opened + sum(asked, (event) => event.skippedSegments) + missing;
  const state = cold.some((event) => event.state === "running") ? "running" : "done";
  const ms = Math.max(...cold.map((event) => event.ms));
  const lines: TierLine[] = [];
  if (asked.length > 0) lines.push({ kind: "segments", state, opened, total, ms });
  if (missing > 0)
    lines.push({ kind: "missing", segments: missing, scope: asked.length > 0 ? "some" : "all" });
  return lines;
}
