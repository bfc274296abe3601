import type { LogHandle } from "@/lib/stores/logstore/client";
import { listLogstores } from "@/lib/stores/logstore/tables";
import type { StoreFigures } from "@/lib/stores/store";

const MOST_ROWS = 50;

/** Versions by logstore, as far as they are counted in time, and the time to live that was told. */
export async function readFigures(handle: LogHandle, signal: AbortSignal): Promise<StoreFigures> {
  const tables = await listLogstores(handle, signal);
  const counted = tables.filter(({ rowCount }) => rowCount !== null);
  const total = counted.reduce((sum, { rowCount }) => sum + (rowCount ?? 0), 0);
  const rows = counted
    .map(({ ref, rowCount }) => ({ label: ref.name, value: rowCount ?? 0 }))
    .sort((a, b) => b.value - a.value)
    .slice(0, MOST_ROWS);
  return {
    figures: [
      { key: "logstores", value: tables.length, unit: "count" },
      { key: "logVersions", value: total, unit: "count", charted: true },
      { key: "logTtlDays", value: handle.config.ttlDays ?? null, unit: "count" },
    ],
    breakdowns: rows.length > 0 ? [{ key: "logVersionsByLogstore", unit: "count", rows }] : [],
    notes:
      counted.length < tables.length
        ? [{ key: "logNotAllCounted", severity: "info", details: { count: tables.length - counted.length } }]
        : [],
  };
}
