import type { LogHandle } from "@/lib/stores/logstore/client";
import { type LogShape, shapesOf } from "@/lib/stores/logstore/describe";
import { meanBytes } from "@/lib/stores/logstore/months";
import { tableName } from "@/lib/stores/logstore/sql";
import type { TableSummary } from "@/lib/stores/table";

/** Logstores that are measured for a list, each within its time: the others are named without figures. */
const MEASURED = 20;
const LANES = 4;
const EACH_MS = 2_000;
const ALL_MS = 8_000;

/**
 * Every logstore with its fields. LogStore keeps no statistics that this protocol tells, so the first twenty are
 * counted by its index within two seconds each; the rest has no figures. Largest first.
 */
export async function listLogstores(handle: LogHandle, signal: AbortSignal): Promise<TableSummary[]> {
  const shapes = await shapesOf(handle, signal);
  const deadline = Date.now() + ALL_MS;
  const summaries = shapes.map((shape) => summaryOf(shape, null, 0));
  const todo = [...shapes.slice(0, MEASURED).entries()];
  const lane = async () => {
    for (let next = todo.shift(); next && Date.now() < deadline; next = todo.shift()) {
      const [at, shape] = next;
      summaries[at] = await measured(handle, shape, signal);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return summaries.sort((a, b) => b.sizeBytes - a.sizeBytes || (a.ref.name < b.ref.name ? -1 : 1));
}

async function measured(handle: LogHandle, shape: LogShape, signal: AbortSignal): Promise<TableSummary> {
  try {
    const [row] = await handle.query(`SELECT count(*) FROM ${tableName(shape.ref)} LIMIT 1`, signal, EACH_MS);
    const versions = Number(row?.[0] ?? 0);
    const mean = await meanBytes(handle, shape.ref, signal, EACH_MS);
    return summaryOf(shape, versions, Math.round(versions * mean));
  } catch {
    // One that cannot be queried is said to be so by the check.
    signal.throwIfAborted();
    return summaryOf(shape, null, 0);
  }
}

const summaryOf = (shape: LogShape, rowCount: number | null, sizeBytes: number): TableSummary => ({
  ref: shape.ref,
  kind: shape.kind,
  rowCount,
  sizeBytes,
  columns: shape.columns.map(({ name, type }) => ({ name, type })),
  key: shape.key,
});
