import { isAppError } from "@/lib/errors";
import { log } from "@/lib/log";
import type { Tier } from "@/lib/schemas/dataset";
import type { SearchEvent, SearchInput } from "@/lib/schemas/search";
import type { Cursor } from "@/lib/stores/batch";
import type { FoundRow } from "@/lib/stores/rows";
import type { ColdRow } from "./cold";
import type { KeyKind } from "./order";
import type { Position } from "./position";
import type { Filter, Target } from "./target";

export const SNIPPET_CHARS = 240;

export interface Found extends FoundRow {
  tier: Tier;
  storeName: string;
  segmentId: string | null;
  cuts: ColdRow["cuts"] | null;
}

/** One page's worth of one dataset is asked for. */
export interface DatasetRequest {
  target: Target;
  input: SearchInput;
  terms: readonly string[];
  filters: readonly Filter[];
  after: Cursor | null;
  limit: number;
  signal: AbortSignal;
  emit(event: SearchEvent): void;
  /** Rows as they are found, before it is known whether the page has room for them. */
  show(rows: readonly Found[]): void;
}

/** What a tier has to offer for a page. */
export interface TierReading {
  /** In the order of positions. */
  rows: Found[];
  /** Rows up to here are complete; null: all are, or the tier could not be read at all and said so. */
  horizon: Position | null;
  kinds: readonly KeyKind[] | null;
}

export const NOTHING: TierReading = { rows: [], horizon: null, kinds: null };

/** Columns of roles that a result shows in full. */
export const shownColumns = ({ roles }: Target): string[] => {
  const shown = [roles.user, roles.model, roles.status, roles.tenant, roles.tokens];
  return [...new Set(shown.filter((name): name is string => name !== null))];
};

/** Microseconds of an ISO instant, to the last of six digits; null when there is none. */
export function toUs(iso: string | undefined): bigint | null {
  if (iso === undefined) return null;
  const digits = /\.(\d+)/.exec(iso)?.[1] ?? "";
  return BigInt(Date.parse(iso)) * 1000n + BigInt(digits.slice(3, 6).padEnd(3, "0"));
}

interface Facts {
  scanned?: number;
  skippedSegments?: number;
  missing?: number;
  message?: string;
}

export type Note = (state: "running" | "done" | "failed", facts?: Facts) => void;

/** Reports the state of a tier, with the time since the first report. */
export function tierNotes({ target, emit }: DatasetRequest, tier: Tier): Note {
  const started = performance.now();
  return (state, facts = {}) => {
    const ms = Math.round(performance.now() - started);
    const dataset = target.name;
    emit({ type: "tier", dataset, tier, state, ms, scanned: 0, skippedSegments: 0, missing: 0, ...facts });
  };
}

/** What an operator reads about a failure. Unknown ones go to the log. */
export function sentence(error: unknown): string {
  if (isAppError(error) && error.code !== "internal") return error.message;
  log("search").error({ err: error }, "a tier could not be searched");
  return isAppError(error)
    ? error.message
    : "It could not be searched; the reason stands in the log. Its rows are missing from this answer.";
}
