import type { Document } from "mongodb";
import { asked, lackingOf, numberIn } from "@/lib/stores/mongodb/answers";
import type { MongoHandle, RunOptions } from "@/lib/stores/mongodb/client";
import type { Breakdown, Figure, Limit, StoreFigures } from "@/lib/stores/store";

const FIGURES_MS = 8_000;
/** Collections whose indexes are asked for their use: one request each. */
const MAX_COLLECTIONS = 15;
const MOST_ROWS = 50;
const OPERATIONS = ["insert", "query", "update", "delete", "getmore", "command"] as const;

interface Counted {
  atMs: number;
  counts: ReadonlyMap<string, number>;
}

/** Remembers the counters of the last call: rates are what happened since. */
export class OperationRates {
  private last: Counted | undefined;

  /** Operations per second since the call before; null at the first, and after the server restarted. */
  next(status: Document): Map<string, number | null> {
    const counts = new Map(
      OPERATIONS.map((name) => [name as string, numberIn(status, `opcounters/${name}`) ?? Number.NaN]),
    );
    const now = { atMs: Date.now(), counts };
    const before = this.last;
    this.last = now;
    const seconds = before ? (now.atMs - before.atMs) / 1_000 : 0;
    return new Map(
      [...counts].map(([name, count]) => {
        const grown = count - (before?.counts.get(name) ?? Number.NaN);
        return [name, seconds > 0 && grown >= 0 ? grown / seconds : null];
      }),
    );
  }
}

/** Cache, connections, operations, index use and the members' lag, each as far as server and user allow. */
export async function storeFigures(
  handle: MongoHandle,
  rates: OperationRates,
  signal: AbortSignal,
): Promise<StoreFigures> {
  const run = { signal, timeoutMs: FIGURES_MS };
  const notes: Limit[] = [];
  const figures: Figure[] = [];
  const breakdowns: Breakdown[] = [];
  const status = await asked(handle, "admin", { serverStatus: 1, repl: 0, locks: 0 }, run);
  if (status.document) statusFigures(status.document, rates, figures, breakdowns, notes);
  else notes.push({ key: "mongoNoServerStatus", severity: "info", details: { reason: status.lacking } });
  await replication(handle, figures, breakdowns, notes, run);
  await indexUse(handle, breakdowns, notes, run);
  return { figures, breakdowns, notes };
}

function statusFigures(
  status: Document,
  rates: OperationRates,
  figures: Figure[],
  breakdowns: Breakdown[],
  notes: Limit[],
): void {
  const cache = "wiredTiger/cache";
  const maximum = numberIn(status, `${cache}/maximum bytes configured`);
  const limit = maximum === null ? {} : { limit: maximum };
  const used = numberIn(status, `${cache}/bytes currently in the cache`);
  const dirty = numberIn(status, `${cache}/tracked dirty bytes in the cache`);
  if (used === null) notes.push({ key: "mongoNoCache", severity: "info", details: {} });
  figures.push(
    { key: "mongoCacheUsed", value: used, unit: "bytes", ...limit, charted: true },
    { key: "mongoCacheDirty", value: dirty, unit: "bytes", ...limit, charted: true },
  );
  const current = numberIn(status, "connections/current");
  const available = numberIn(status, "connections/available");
  figures.push({
    key: "mongoConnections",
    value: current,
    unit: "count",
    ...(current !== null && available !== null && { limit: current + available }),
    charted: true,
  });
  const perSecond = rates.next(status);
  const known = [...perSecond].flatMap(([label, value]) => (value === null ? [] : [{ label, value }]));
  figures.push({
    key: "mongoOperations",
    value: known.length === 0 ? null : known.reduce((sum, { value }) => sum + value, 0),
    unit: "perSecond",
    charted: true,
  });
  if (known.length > 0)
    breakdowns.push({
      key: "mongoOperationsByKind",
      unit: "perSecond",
      rows: known.sort((a, b) => b.value - a.value),
    });
  figures.push({
    key: "mongoCursors",
    value: numberIn(status, "metrics/cursor/open/total"),
    unit: "count",
    charted: true,
  });
}

async function replication(
  handle: MongoHandle,
  figures: Figure[],
  breakdowns: Breakdown[],
  notes: Limit[],
  run: RunOptions,
): Promise<void> {
  const { document, lacking } = await asked(handle, "admin", { replSetGetStatus: 1 }, run);
  if (lacking === "denied")
    notes.push({ key: "mongoNoReplStatus", severity: "info", details: { reason: lacking } });
  if (!document) return;
  const rows = lagByMember(document);
  breakdowns.push({ key: "mongoLagByMember", unit: "seconds", rows });
  figures.push({
    key: "mongoReplicationLag",
    value: rows.length === 0 ? null : Math.max(...rows.map(({ value }) => value)),
    unit: "seconds",
    charted: true,
  });
}

/** Seconds that each secondary is behind the primary; a member that is down is named with what it says of itself. */
export function lagByMember(status: Document): Breakdown["rows"][number][] {
  const members: Document[] = Array.isArray(status.members) ? status.members : [];
  const primary = members.find(({ stateStr }) => stateStr === "PRIMARY");
  const atOf = (member: Document | undefined): number | null =>
    member?.optimeDate instanceof Date ? member.optimeDate.getTime() : null;
  const head = atOf(primary);
  return members
    .filter((member) => member !== primary && member.stateStr !== "ARBITER")
    .map((member) => {
      const at = atOf(member);
      const lag = head === null || at === null ? 0 : Math.max(0, (head - at) / 1_000);
      return { label: String(member.name), value: lag, note: String(member.stateStr ?? "") };
    })
    .sort((a, b) => b.value - a.value)
    .slice(0, MOST_ROWS);
}

async function indexUse(
  handle: MongoHandle,
  breakdowns: Breakdown[],
  notes: Limit[],
  run: RunOptions,
): Promise<void> {
  const { database } = handle.config;
  try {
    const rows = await handle.run(run, async (client) => {
      const db = client.db(database);
      const listed = await db.listCollections({ type: "collection" }, { nameOnly: true }).toArray();
      const found: { label: string; value: number }[] = [];
      for (const { name } of listed
        .filter((one) => !one.name.startsWith("system."))
        .slice(0, MAX_COLLECTIONS)) {
        for (const one of await db
          .collection(name)
          .aggregate([{ $indexStats: {} }])
          .toArray())
          found.push({ label: `${name}.${one.name}`, value: numberIn(one, "accesses/ops") ?? 0 });
      }
      return found;
    });
    breakdowns.push({
      key: "mongoIndexUse",
      unit: "count",
      rows: rows.sort((a, b) => b.value - a.value).slice(0, MOST_ROWS),
    });
  } catch (error) {
    const lacking = lackingOf(error);
    if (lacking === null) throw error;
    notes.push({ key: "mongoNoIndexStats", severity: "info", details: { reason: lacking } });
  }
}
