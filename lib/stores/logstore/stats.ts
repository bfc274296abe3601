import { isAppError } from "@/lib/errors";
import type { LogHandle } from "@/lib/stores/logstore/client";
import { identifier } from "@/lib/stores/logstore/literal";
import { meanBytes } from "@/lib/stores/logstore/months";
import type { Shapes } from "@/lib/stores/logstore/shapes";
import { columnNamed, tableName } from "@/lib/stores/logstore/sql";
import { isoOf } from "@/lib/stores/logstore/time";
import type { TableRef, TableStats, TimeColumn } from "@/lib/stores/table";

/** Longest that one figure may take: they are asked for often. */
const FIGURE_MS = 5_000;

/**
 * Versions, rows, and the age of a logstore by three queries of bounded time. Rows are those with a `finished_at`
 * where there is such a field, as only final versions carry it: a filter, where folding would read every version.
 * Sizes are those of an average version in text form: LogStore tells none by this protocol.
 */
export async function tableStats(
  handle: LogHandle,
  shapes: Shapes,
  ref: TableRef,
  time: TimeColumn | null,
  signal: AbortSignal,
): Promise<TableStats> {
  const shape = await shapes.shape(ref, signal);
  const notes: string[] = ["LogStore tells no sizes: bytes are those of an average version, in text form."];
  const guarded = figureReader(signal, notes);
  const name = tableName(ref);
  const at = time && identifier(columnNamed(shape, time.column).name);
  const edges = at ? `, min(${at}), max(${at})` : "";
  const notEmpty = time && columnNamed(shape, time.column).textTime ? ` WHERE ${at} <> ''` : "";
  const whole = await guarded(() =>
    handle.query(`SELECT count(*)${edges} FROM ${name}${notEmpty} LIMIT 1`, signal, FIGURE_MS),
  );
  const [versionText, oldest, newest] = whole?.[0] ?? [];
  const versions = versionText == null ? null : Number(versionText);
  const finished = shape.columns.find((column) => column.name === "finished_at");
  const filled = finished?.textTime ? ` AND "finished_at" <> ''` : "";
  const final = finished
    ? await guarded(() =>
        handle.query(
          `SELECT count(*) FROM ${name} WHERE "finished_at" IS NOT NULL${filled} LIMIT 1`,
          signal,
          FIGURE_MS,
        ),
      )
    : null;
  const finalRows = final?.[0]?.[0] == null ? null : Number(final[0][0]);
  const mean = (await guarded(() => meanBytes(handle, ref, signal, FIGURE_MS))) ?? 0;
  const bytes = Math.round((versions ?? 0) * mean);
  const { ttlDays } = handle.config;
  return {
    rowCount: finalRows ?? versions,
    heapBytes: bytes,
    indexBytes: 0,
    toastBytes: null,
    totalBytes: bytes,
    deadRows: null,
    liveRows: null,
    lastVacuumAt: null,
    lastAnalyzeAt: null,
    oldestAt: time ? isoOf(time.unit, oldest) : null,
    newestAt: time ? isoOf(time.unit, newest) : null,
    indexes: [],
    notes,
    figures: [
      { key: "logVersions", value: versions, unit: "count" },
      { key: "logFinished", value: finalRows, unit: "count" },
      { key: "logTtlDays", value: ttlDays ?? null, unit: "count" },
    ],
    advice: [
      ...(versions === 0
        ? [{ key: "logScanIndex", worth: "maybe" as const, details: {}, action: null, statements: [] }]
        : []),
      ...(ttlDays === undefined
        ? [{ key: "logTtlUnknown", worth: "maybe" as const, details: {}, action: null, statements: [] }]
        : []),
    ],
  };
}

/** A figure that cannot be had leaves a note; what is wrong with the store itself is thrown. */
function figureReader(signal: AbortSignal, notes: string[]) {
  return async <T>(read: () => Promise<T>): Promise<T | null> => {
    try {
      return await read();
    } catch (error) {
      const told = isAppError(error) && ["timeout", "refused", "internal"].includes(error.code);
      if (signal.aborted || !told) throw error;
      notes.push(error.message);
      return null;
    }
  };
}
