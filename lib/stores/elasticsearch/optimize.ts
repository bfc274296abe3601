import { setTimeout as pause } from "node:timers/promises";
import { StoreError } from "@/lib/errors";
import { type EsTable, encode, resolveTable } from "@/lib/stores/elasticsearch/catalogue";
import type { EsHandle } from "@/lib/stores/elasticsearch/client";
import { clusterHealth } from "@/lib/stores/elasticsearch/cluster";
import { readOnlyError, type ServerError, serverError, statusOf } from "@/lib/stores/elasticsearch/errors";
import {
  finishedIndices,
  type IndexSettings,
  type SegmentCount,
  segmentsOf,
  settingsOf,
  settingsPath,
} from "@/lib/stores/elasticsearch/settings";
import type { OptimizeAction, OptimizePlan } from "@/lib/stores/store";
import type { TableRef } from "@/lib/stores/table";

export const ES_ACTIONS = [
  { kind: "forceMerge", danger: false },
  { kind: "expungeDeletes", danger: false },
  { kind: "replicasZero", danger: false },
  { kind: "slowerRefresh", danger: false },
  { kind: "dropEmpty", danger: true },
] as const;

const REFRESH = "30s";
const SLOW = /^(-1|[3-9]\d+s|\d{3,}s|\d+m|\d+h|\d+d)$/;
/** Names in one request line. */
const AT_ONCE = 20;
const POLL_MS = 500;

interface State {
  table: EsTable;
  settings: IndexSettings[] | null;
  segments: Map<string, SegmentCount>;
  finished: Set<string>;
  dataNodes: number | null;
}

async function stateOf(handle: EsHandle, ref: TableRef, signal: AbortSignal): Promise<State> {
  const table = await resolveTable(handle, ref, signal);
  const [settings, segments, health] = await Promise.all([
    settingsOf(handle, table, signal),
    segmentsOf(handle, table, signal),
    clusterHealth(handle, signal),
  ]);
  const finished = finishedIndices(table, settings, Date.now());
  return { table, settings, segments, finished, dataNodes: health?.number_of_data_nodes ?? null };
}

/** The indices that an action would touch. Empty: there is nothing for it to do. */
function targetsOf(state: State, kind: string): string[] {
  const { table, segments, settings, finished } = state;
  const of = (test: (name: string) => boolean) => table.indices.map(({ name }) => name).filter(test);
  const count = (name: string) => segments.get(name);
  switch (kind) {
    case "forceMerge":
      return of((name) => finished.has(name) && (count(name)?.segments ?? 0) > (count(name)?.primaries ?? 1));
    case "expungeDeletes":
      return of((name) => !finished.has(name) && (count(name)?.deletedDocs ?? 0) > 0);
    case "replicasZero":
      return state.dataNodes === 1
        ? table.indices.filter(({ replicas }) => replicas > 0).map(({ name }) => name)
        : [];
    case "slowerRefresh":
      return (settings ?? [])
        .filter(({ index, refreshInterval }) => !finished.has(index) && !SLOW.test(refreshInterval ?? "1s"))
        .map(({ index }) => index);
    case "dropEmpty":
      return table.schema === "series" ? of((name) => finished.has(name) && count(name)?.docs === 0) : [];
    default:
      return [];
  }
}

const requestOf = (kind: string, index: string): string => {
  switch (kind) {
    case "forceMerge":
      return `POST /${index}/_forcemerge?max_num_segments=1&wait_for_completion=false`;
    case "expungeDeletes":
      return `POST /${index}/_forcemerge?only_expunge_deletes=true&wait_for_completion=false`;
    case "replicasZero":
      return `PUT /${index}/_settings {"index.number_of_replicas":0}`;
    case "slowerRefresh":
      return `PUT /${index}/_settings {"index.refresh_interval":"${REFRESH}"}`;
    default:
      return `DELETE /${index}`;
  }
};

/** What can be done for a table. Every action names the very indices it would touch. */
export async function adviseOptimize(
  handle: EsHandle,
  ref: TableRef,
  signal: AbortSignal,
): Promise<{ action: OptimizeAction; plan: OptimizePlan }[]> {
  const state = await stateOf(handle, ref, signal);
  return ES_ACTIONS.flatMap(({ kind }) => {
    const targets = targetsOf(state, kind);
    if (targets.length === 0) return [];
    return [{ action: { kind }, plan: planOf(state, kind, targets) }];
  });
}

function planOf(state: State, kind: string, targets: readonly string[]): OptimizePlan {
  const sums = targets.flatMap((name) => state.segments.get(name) ?? []);
  const bytes = sums.reduce((sum, one) => sum + one.bytes, 0);
  const largest = Math.max(0, ...sums.map((one) => one.bytes));
  const docs = sums.reduce((sum, one) => sum + one.docs, 0);
  const deleted = sums.reduce((sum, one) => sum + one.deletedDocs, 0);
  const segments = sums.reduce((sum, one) => sum + one.segments, 0);
  const share = docs + deleted > 0 ? deleted / (docs + deleted) : 0;
  const merges = kind === "forceMerge" || kind === "expungeDeletes";
  const returnsBytes = merges ? Math.round(bytes * share) : kind === "dropEmpty" ? bytes : 0;
  return {
    statements: targets.map((name) => requestOf(kind, name)),
    lock: "none",
    lockName: "",
    ...(kind === "dropEmpty" && { removes: true }),
    // Merged segments lie beside the old ones until they are done, one index at a time.
    needsBytes: merges ? largest : 0,
    returnsBytes,
    reusableBytes: 0,
    advice: {
      key: `es_${kind}`,
      worth: worthOf(kind, share, segments / Math.max(1, targets.length)),
      details: {
        count: targets.length,
        segments,
        percent: Math.round(share * 1_000) / 10,
        returnsBytes,
        needsBytes: merges ? largest : 0,
      },
    },
  };
}

function worthOf(kind: string, deletedShare: number, meanSegments: number): OptimizePlan["advice"]["worth"] {
  if (kind === "forceMerge") return deletedShare > 0.1 || meanSegments >= 10 ? "yes" : "maybe";
  if (kind === "expungeDeletes") return deletedShare > 0.2 ? "yes" : deletedShare > 0.1 ? "maybe" : "no";
  return kind === "slowerRefresh" ? "maybe" : "yes";
}

/** Runs an action of the allow-list on what it would touch now, one index after the other. */
export async function* runOptimize(
  handle: EsHandle,
  ref: TableRef,
  action: OptimizeAction,
  signal: AbortSignal,
): AsyncGenerator<{ phase: string; progress: number | null }> {
  if (handle.options.access === "read") throw readOnlyError();
  if (!ES_ACTIONS.some(({ kind }) => kind === action.kind))
    throw new StoreError("bad_input", `There is no action ${action.kind}. Nothing was changed.`, {
      key: "elasticsearch.action",
      details: { action: action.kind },
    });
  const targets = targetsOf(await stateOf(handle, ref, signal), action.kind);
  if (action.kind === "replicasZero" || action.kind === "slowerRefresh") {
    for (let at = 0; at < targets.length; at += AT_ONCE) {
      const part = targets.slice(at, at + AT_ONCE);
      await putSettings(handle, part, settingOf(action.kind), signal);
      yield { phase: part.at(-1) ?? "", progress: (at + part.length) / targets.length };
    }
    return;
  }
  for (const [at, index] of targets.entries()) {
    yield { phase: index, progress: at / targets.length };
    if (action.kind === "dropEmpty") await dropEmpty(handle, index, signal);
    else
      for await (const _ of mergeOne(handle, action.kind, index, signal))
        yield { phase: index, progress: at / targets.length };
  }
  yield { phase: "", progress: 1 };
}

const settingOf = (kind: "replicasZero" | "slowerRefresh"): object =>
  kind === "replicasZero" ? { "index.number_of_replicas": 0 } : { "index.refresh_interval": REFRESH };

const putSettings = (handle: EsHandle, names: readonly string[], body: object, signal: AbortSignal) =>
  handle.json({ method: "PUT", path: settingsPath(names), body, signal, changes: true });

interface Task {
  completed: boolean;
  error?: ServerError;
  response?: { _shards?: { failed?: number; failures?: { reason?: ServerError }[] } };
}

/** As a task of the server's, asked after: a merge takes longer than a request may. */
async function* mergeOne(
  handle: EsHandle,
  kind: string,
  index: string,
  signal: AbortSignal,
): AsyncGenerator<void> {
  const how = kind === "forceMerge" ? "max_num_segments=1" : "only_expunge_deletes=true";
  const { task } = await handle.json<{ task: string }>({
    method: "POST",
    path: `/${encode(index)}/_forcemerge?${how}&wait_for_completion=false`,
    signal,
    changes: true,
  });
  for (let wait = 50; ; wait = Math.min(POLL_MS * 4, wait * 2)) {
    const state = await taskState(handle, task, signal);
    if (state === null) return;
    if (state.completed) {
      const failed = state.error ?? state.response?._shards?.failures?.[0]?.reason;
      if (failed) throw serverError(500, failed);
      // Until a refresh the searches, and the figures, still hold the segments that were merged.
      await handle.json({ method: "POST", path: `/${encode(index)}/_refresh`, signal, changes: true });
      return;
    }
    yield;
    await pause(wait, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

/** Null: the server has forgotten it, which it does only once it is over. */
async function taskState(handle: EsHandle, task: string, signal: AbortSignal): Promise<Task | null> {
  try {
    return await handle.get<Task>(`/_tasks/${task}`, signal);
  } catch (error) {
    if (statusOf(error) === 404) return null;
    throw error;
  }
}

/** Blocked for writing first, then counted, then deleted: a row that came meanwhile would be lost otherwise. */
async function dropEmpty(handle: EsHandle, index: string, signal: AbortSignal): Promise<void> {
  await putSettings(handle, [index], { "index.blocks.write": true }, signal);
  try {
    await handle.json({ method: "POST", path: `/${encode(index)}/_refresh`, signal, changes: true });
    const { count } = await handle.get<{ count: number }>(`/${encode(index)}/_count`, signal);
    if (count === 0) {
      await handle.json({ method: "DELETE", path: `/${encode(index)}`, signal, changes: true });
      return;
    }
  } catch (error) {
    await unblock(handle, index);
    throw error;
  }
  await unblock(handle, index);
}

const unblock = (handle: EsHandle, index: string) =>
  putSettings(handle, [index], { "index.blocks.write": null }, AbortSignal.timeout(10_000)).catch(
    () => undefined,
  );
