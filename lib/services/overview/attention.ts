import { pool } from "@/lib/control/database";
import type { AttentionItem } from "@/lib/schemas/attention";
import type { DatasetDto } from "@/lib/schemas/dataset";
import type { OperationDto } from "@/lib/schemas/operation";
import type { StoreDto } from "@/lib/schemas/store";
import type { Ability } from "@/lib/stores/store";

const DAY_MS = 86_400_000;
/** Below this dead rows cost little; above it the table is worth a look, and from DEAD_ACT on a vacuum. */
const DEAD_SOON = 0.2;
const DEAD_ACT = 0.4;
/** A table that small is read whole in an instant, dead rows or not. */
const DEAD_MIN_BYTES = 16 * 1024 * 1024;
const ANALYZE_DAYS = 14;
const DISK_SOON = 0.15;
const DISK_ACT = 0.05;
const WORKER_SILENT_MS = 30_000;

export interface AttentionFacts {
  now: Date;
  stores: readonly StoreDto[];
  datasets: readonly DatasetDto[];
  /** Ended badly and not looked at, or running without a heartbeat. */
  operations: readonly OperationDto[];
  workers: number;
  /** Whether stores of a kind can do something. */
  can(kind: string, ability: Ability): boolean;
  /** Whether stores of a kind know an action of `optimize`: what is said here leads to it. */
  offers(kind: string, action: string): boolean;
}

/** What needs a person, most urgent first. Pure: everything from stored samples, nothing asked live. */
export function attention(facts: AttentionFacts): AttentionItem[] {
  const items = [
    ...noWorker(facts),
    ...facts.operations.flatMap(ofOperation),
    ...facts.stores.flatMap((store) => ofStore(store, facts)),
    ...facts.datasets.flatMap((dataset) => ofDataset(dataset, facts)),
  ];
  return items.sort((a, b) => Number(a.severity === "soon") - Number(b.severity === "soon"));
}

const noWorker = ({ workers }: AttentionFacts): AttentionItem[] =>
  workers > 0
    ? []
    : [
        {
          attentionId: "noWorker",
          severity: "act",
          key: "noWorker",
          details: {},
          href: "/settings",
          action: null,
          since: null,
        },
      ];

function ofOperation(operation: OperationDto): AttentionItem[] {
  const href = `/operations/${operation.operationId}`;
  const details = { title: operation.title, dataset: operation.datasetName ?? "–", kind: operation.kind };
  if (operation.stalled) {
    return [
      {
        attentionId: `operationStalled:${operation.operationId}`,
        severity: "soon",
        key: "operationStalled",
        details,
        href,
        action: href,
        since: operation.heartbeatAt,
      },
    ];
  }
  if (operation.state === "partial") {
    return [
      {
        attentionId: `operationPartial:${operation.operationId}`,
        severity: "soon",
        key: "operationPartial",
        details,
        href,
        action: href,
        since: operation.endedAt,
      },
    ];
  }
  return [
    {
      attentionId: `operationFailed:${operation.operationId}`,
      severity: "act",
      key: "operationFailed",
      details: { ...details, message: operation.error?.message ?? "–" },
      href,
      action: href,
      since: operation.endedAt,
    },
  ];
}

function ofStore(store: StoreDto, { now, datasets }: AttentionFacts): AttentionItem[] {
  const base = { href: `/stores/${store.storeId}`, action: `/stores/${store.storeId}`, since: null };
  if (store.state === "unreachable") {
    const minutes = Math.max(1, Math.round((now.getTime() - Date.parse(store.stateSince)) / 60_000));
    return [
      {
        ...base,
        attentionId: `storeSilent:${store.storeId}`,
        severity: "act",
        key: "storeSilent",
        details: { store: store.name, minutes, message: store.failure?.message ?? "–" },
        since: store.stateSince,
      },
    ];
  }
  const items: AttentionItem[] = [];
  const free = freeShare(store);
  if (free !== null && free < DISK_SOON) {
    items.push({
      ...base,
      attentionId: `diskLow:${store.storeId}`,
      severity: free < DISK_ACT ? "act" : "soon",
      key: "diskLow",
      details: { store: store.name, percent: Math.round(free * 100), freeBytes: store.freeBytes ?? 0 },
    });
  }
  const late = datasets.some((dataset) => dataset.storeId === store.storeId && (dataset.lateDays ?? 0) > 0);
  if (!store.writesEnabled && late) {
    items.push({
      ...base,
      attentionId: `writesDisabled:${store.storeId}`,
      severity: "soon",
      key: "writesDisabled",
      details: { store: store.name },
    });
  }
  return items;
}

/** Free space as a share of used and free together; null where the store does not tell. */
function freeShare({ sizeBytes, freeBytes }: StoreDto): number | null {
  if (sizeBytes === null || freeBytes === null || sizeBytes + freeBytes === 0) return null;
  return freeBytes / (sizeBytes + freeBytes);
}

/** Neither a table beside it nor an object store that may be written to. */
function hasNowhereToGo(dataset: DatasetDto, { stores, can }: AttentionFacts): boolean {
  const own = stores.find((store) => store.storeId === dataset.storeId);
  const beside = own !== undefined && can(own.kind, "moveRows");
  return !beside && !stores.some((store) => store.writesEnabled && can(store.kind, "objects"));
}

function ofDataset(dataset: DatasetDto, facts: AttentionFacts): AttentionItem[] {
  const { now } = facts;
  const page = `/datasets/${dataset.datasetId}`;
  const items: AttentionItem[] = [];
  const add = (
    item: Pick<AttentionItem, "severity" | "key" | "details" | "action"> & { since?: string | null },
  ) =>
    items.push({
      since: null,
      ...item,
      attentionId: `${item.key}:${dataset.datasetId}`,
      details: { dataset: dataset.name, ...item.details },
      href: page,
    });

  // Members of a family move with their parent: one line for the family is enough.
  if (dataset.lateDays && dataset.keepDays !== null && dataset.parentId === null) {
    add({
      severity: dataset.lateDays > dataset.keepDays / 4 ? "act" : "soon",
      key: "pastRetention",
      details: {
        lateDays: dataset.lateDays,
        keepDays: dataset.keepDays,
        ageDays: dataset.lateDays + dataset.keepDays,
      },
      action: `${page}/archive`,
      since: dataset.oldestAt,
    });
    if (hasNowhereToGo(dataset, facts))
      add({ severity: "soon", key: "noArchiveTarget", details: {}, action: "/stores/new" });
  }
  if (dataset.cold.missingCount > 0) {
    add({
      severity: "act",
      key: "segmentsMissing",
      details: { count: dataset.cold.missingCount, total: dataset.cold.segmentCount },
      action: page,
    });
  }
  const own = facts.stores.find((store) => store.storeId === dataset.storeId);
  const offers = (action: string): boolean => own !== undefined && facts.offers(own.kind, action);
  const dead = offers("vacuum") ? (dataset.deadRatio ?? 0) : 0;
  if (dead >= DEAD_SOON && (dataset.hot?.sizeBytes ?? 0) >= DEAD_MIN_BYTES) {
    add({
      severity: dead >= DEAD_ACT ? "act" : "soon",
      key: "deadRows",
      details: { percent: Math.round(dead * 100), vacuumDays: daysSince(dataset.lastVacuumAt, now) },
      action: `${page}/optimize`,
    });
  }
  const analyzeDays = daysSince(dataset.lastAnalyzeAt, now);
  if (
    offers("analyze") &&
    dataset.statsAt &&
    dataset.hot &&
    (analyzeDays < 0 || analyzeDays >= ANALYZE_DAYS)
  ) {
    add({
      severity: "soon",
      key: analyzeDays < 0 ? "neverAnalyzed" : "notAnalyzed",
      details: { days: analyzeDays },
      action: `${page}/optimize`,
    });
  }
  return items;
}

/** Whole days since; −1: never. */
function daysSince(at: string | null, now: Date): number {
  return at ? Math.max(0, Math.floor((now.getTime() - Date.parse(at)) / DAY_MS)) : -1;
}

/** Workers heard of lately, by the database's clock. */
export async function liveWorkers(): Promise<number> {
  const { rows } = await pool().query<{ count: string }>(
    `SELECT count(*) AS count FROM "WorkerNode" WHERE "seenAt" > now() - $1 * interval '1 millisecond'`,
    [WORKER_SILENT_MS],
  );
  return Number(rows[0]?.count ?? 0);
}
