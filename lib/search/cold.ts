import { dirname } from "node:path";
import { AppError, isAppError } from "@/lib/errors";
import { goneRows } from "@/lib/segments/gone";
import { checkSha256, localCopy } from "@/lib/segments/local";
import type { Manifest } from "@/lib/segments/segment";
import type { FoundRow } from "@/lib/stores/rows";
import type { ObjectAccess } from "@/lib/stores/store";
import { inLanes } from "./channel";
import { type Candidate, candidatesOf, mayHold, spelled } from "./cold-plan";
import { type ColdQuery, coldSql } from "./cold-sql";
import { toCursor } from "./position";
import { LANES, queryTexts } from "./sandbox-pool";
import { sidecarOf } from "./sidecar-cache";

/** Longest that segments are looked through for one page. */
const TIMEOUT_MS = 30_000;

/** Row groups read before it is asked whether the page is full. */
const MAX_WAVE = 64;
const RARE_SHARE = 0.1;

export interface ColdSegment {
  manifest: Manifest;
  objects: ObjectAccess;
}

export interface ColdRow extends FoundRow {
  segmentId: string;
  /** In the segment, 0-based. */
  position: number;
  /** Per text column of the query: whether text was cut before and after its snippet. */
  cuts: Record<string, { before: boolean; after: boolean }>;
}

export interface ColdSummary {
  /** Segments that were opened. */
  scannedSegments: number;
  /** Segments that their times or their sidecar ruled out. */
  skippedSegments: number;
  /** Segments that could not be read, each with the reason. */
  missing: { segmentId: string; key: string; error: unknown }[];
  /** Whether rows beyond those returned may match. */
  more: boolean;
  /** Set when time ran out: only rows newer than this are complete; null: all that have a time. */
  horizonUs?: bigint | null;
}

/**
 * Rows of a dataset's segments, newest first in the end: each yield brings rows that may belong to the first
 * `limit`, in any order; the generator returns when those are certain. A segment that cannot be read is left out
 * and named. Throws cancelled.
 */
export async function* searchCold(
  segments: readonly ColdSegment[],
  query: ColdQuery,
  signal: AbortSignal,
): AsyncGenerator<ColdRow[], ColdSummary> {
  const run = new ColdRun(query, signal);
  await run.plan(segments);
  while (run.hasNext() && performance.now() < run.deadline) yield await run.wave();
  return run.summary();
}

interface Planned extends ColdSegment {
  query: ColdQuery;
  /** On first use: the file, proved whole, and the rows it no longer owns. */
  opened?: Promise<{ path: string; gone: readonly number[] }>;
}

class ColdRun {
  readonly deadline = performance.now() + TIMEOUT_MS;
  readonly #missing: ColdSummary["missing"] = [];
  readonly #planned = new Map<string, Planned>();
  readonly #opened = new Set<string>();
  /** Newest time of each row found, to know when the page is certain. */
  #times: (bigint | null)[] = [];
  #candidates: Candidate[] = [];
  #next = 0;
  #waveSize = LANES;
  #total = 0;

  constructor(
    readonly query: ColdQuery,
    readonly signal: AbortSignal,
  ) {}

  async plan(segments: readonly ColdSegment[]): Promise<void> {
    this.#total = segments.length;
    const inTime = segments.filter(({ manifest }) => mayHold(manifest, this.query));
    await inLanes(inTime, 16, async (segment) => {
      const { manifest, objects } = segment;
      const query = spelled(manifest, this.query);
      if (!query) return;
      this.#planned.set(manifest.segmentId, { ...segment, query });
      try {
        const sidecar = await sidecarOf(objects, manifest, this.signal).catch(() => null); // opened without it
        this.#candidates.push(...candidatesOf(manifest, sidecar, query));
      } catch (error) {
        this.#fail(manifest, error);
      }
    });
    this.#candidates.sort(newestFirst);
    const groups = inTime.reduce((sum, { manifest }) => sum + manifest.rowGroups.length, 0);
    // Something rare is not on the first pages alone: then all of them are read without stopping in between.
    if (this.#candidates.length < groups * RARE_SHARE) this.#waveSize = MAX_WAVE;
  }

  /** Rows without a time sort last, so a page of rows with one is certain as soon as they are newer than the rest. */
  hasNext(): boolean {
    const next = this.#candidates[this.#next];
    if (!next) return false;
    const limit = this.#times[this.query.limit - 1];
    if (this.#times.length < this.query.limit || limit === undefined) return true;
    return limit === null || (next.maxUs !== null && limit <= next.maxUs);
  }

  async wave(): Promise<ColdRow[]> {
    const candidates = this.#candidates.slice(this.#next, this.#next + this.#waveSize);
    this.#next += candidates.length;
    this.#waveSize = Math.min(MAX_WAVE, this.#waveSize * 2);
    const found: ColdRow[] = [];
    await inLanes(candidates, LANES, async (candidate) => {
      found.push(...(await this.#read(candidate)));
    });
    this.#times.push(...found.map((row) => row.timeUs));
    this.#times.sort(descending);
    this.#times.length = Math.min(this.#times.length, this.query.limit);
    return found;
  }

  async #read(candidate: Candidate): Promise<ColdRow[]> {
    const segment = this.#planned.get(candidate.segmentId);
    if (!segment || this.#missing.some(({ segmentId }) => segmentId === candidate.segmentId)) return [];
    const { manifest, objects } = segment;
    try {
      segment.opened ??= openSegment(objects, manifest, this.signal);
      const { path, gone } = await segment.opened;
      this.#opened.add(manifest.segmentId);
      const inside = gone.filter((row) => row >= candidate.from && row < candidate.until);
      if (inside.length === candidate.until - candidate.from) return [];
      const sql = coldSql(path, manifest, { ...candidate, gone: inside }, segment.query);
      const rows = await queryTexts(rootOf(path, manifest.key), sql, this.signal);
      return rows.map((row) => toRow(row, manifest, this.query));
    } catch (error) {
      this.#fail(manifest, error);
      return [];
    }
  }

  #fail(manifest: Manifest, cause: unknown): void {
    this.signal.throwIfAborted();
    if (this.#missing.some(({ segmentId }) => segmentId === manifest.segmentId)) return;
    const error = isAppError(cause) ? cause : unsearchable(manifest.key, cause);
    this.#missing.push({ segmentId: manifest.segmentId, key: manifest.key, error });
  }

  summary(): ColdSummary {
    return {
      scannedSegments: this.#opened.size,
      skippedSegments: this.#total - this.#opened.size - this.#missing.length,
      missing: this.#missing,
      more: this.#next < this.#candidates.length || this.#times.length >= this.query.limit,
      ...(this.hasNext() ? { horizonUs: this.#candidates[this.#next]?.maxUs ?? null } : {}),
    };
  }
}

const descending = (a: bigint | null, b: bigint | null): number =>
  a === b ? 0 : a === null ? 1 : b === null ? -1 : a > b ? -1 : 1;

const newestFirst = (a: Candidate, b: Candidate): number =>
  descending(a.maxUs, b.maxUs) ||
  (a.segmentId < b.segmentId ? 1 : a.segmentId > b.segmentId ? -1 : b.from - a.from);

/** One sandbox serves a whole store: the folder its keys begin in, or that of the copies. */
const rootOf = (path: string, key: string): string =>
  path.endsWith(`/${key}`) ? path.slice(0, -key.length - 1) : dirname(path);

const unsearchable = (key: string, cause: unknown): AppError =>
  new AppError(
    "internal",
    `The segment ${key} could not be searched. Its rows are missing from this answer; nothing was changed.`,
    { key: "segmentNotSearched", details: { key }, cause },
  );

/** Files whose content was compared with the manifest's SHA-256 in this process, by hash. */
const proved = new Set<string>();
const proving = new Map<string, Promise<void>>();

async function openSegment(objects: ObjectAccess, manifest: Manifest, signal: AbortSignal) {
  const [path, gone] = await Promise.all([
    wholeFile(objects, manifest, signal),
    goneRows(objects, manifest, signal),
  ]);
  return { path, gone: [...gone] };
}

/** Damaged rows must not be shown as if they were whole: the first use of a file reads it through once. */
async function wholeFile(objects: ObjectAccess, manifest: Manifest, signal: AbortSignal): Promise<string> {
  const path = await localCopy(objects, manifest, signal);
  if (proved.has(manifest.sha256)) return path;
  let work = proving.get(manifest.sha256);
  if (!work) {
    work = checkSha256(objects, manifest, signal)
      .then(() => void proved.add(manifest.sha256))
      .finally(() => proving.delete(manifest.sha256));
    proving.set(manifest.sha256, work);
  }
  await work;
  return path;
}

function toRow(row: (string | null)[], manifest: Manifest, query: ColdQuery): ColdRow {
  let at = 2;
  const key = manifest.keyColumns.map(() => row[at++] ?? "");
  const values: Record<string, string | null> = {};
  for (const name of query.columns) values[name] = row[at++] ?? null;
  const cuts: ColdRow["cuts"] = {};
  for (const name of query.textColumns) {
    values[name] = row[at++] ?? null;
    cuts[name] = { before: row[at++] === "true", after: row[at++] === "true" };
  }
  const timeUs = row[1] === null || row[1] === undefined ? null : BigInt(row[1]);
  const cursor = toCursor({ timeUs, key }, manifest.time);
  return { key, cursor, timeUs, values, cuts, segmentId: manifest.segmentId, position: Number(row[0]) };
}
