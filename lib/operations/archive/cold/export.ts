import { log } from "@/lib/log";
import type { PendingWindow } from "@/lib/operations/archive/cold/cursor";
import { discardWindow } from "@/lib/operations/archive/cold/discard";
import { heldRows, rowsNotHeld } from "@/lib/operations/archive/cold/held";
import type { ColdJob } from "@/lib/operations/archive/cold/job";
import { addKeys, emptyKeyTable, type KeyTable, linkColumns } from "@/lib/operations/archive/cold/key-table";
import { recordSegments } from "@/lib/operations/archive/cold/record";
import { cursorTimeUs } from "@/lib/operations/cursor-time";
import { subset } from "@/lib/operations/restore/slice";
import { LeaseLost } from "@/lib/operations/run/lease";
import { storeSum } from "@/lib/operations/sums";
import { type CommittedSegment, commitSegment } from "@/lib/segments/commit";
import { createArchiveSidecarBuilder } from "@/lib/segments/gram-builder";
import type { Manifest } from "@/lib/segments/segment";
import { createSegmentWriter, type SegmentWriter, type WrittenSegment } from "@/lib/segments/writer";
import { emptyDigest } from "@/lib/stores/digest";
import type { Window } from "@/lib/stores/rows";
import { version } from "@/package.json";

const BATCH_ROWS = 2_000;
const BATCH_BYTES = 4 << 20;
/** The lease is lost, and with it the run's own signal: tidying up has a time of its own. */
const DISCARD_MS = 30_000;
const FILTER_ROLES = ["tenant", "user", "status", "model"] as const;

export interface ExportedWindow {
  window: PendingWindow;
  /** Per member, in file order. */
  tables: KeyTable[];
  manifests: (Manifest | null)[];
}

/** A window in local files: no store holds anything of it yet. */
export interface CopiedWindow {
  pending: PendingWindow;
  window: Window;
  members: CopiedMember[];
}

interface CopiedMember {
  member: number;
  /** Rows that are in segments already. */
  skipped: number;
  table: KeyTable;
  /** Null: the window has no rows of this member. */
  written: WrittenSegment | null;
}

/**
 * Copies the next window into local files: rows with their digests as Parquet. Null when nothing is left below the
 * cut-off.
 */
export async function copyWindow(
  job: ColdJob,
  pending: PendingWindow,
  maxRows: number,
  signal: AbortSignal,
): Promise<CopiedWindow | null> {
  const window = await job.rows.window(job.hot, pending.after, maxRows, signal);
  if (!window) return null;
  const members: CopiedMember[] = [];
  try {
    for (const member of job.hot.members.keys()) {
      members.push(await copyMember(job, pending, window, member, signal));
    }
    return { pending, window, members };
  } catch (error) {
    for (const { written } of members) await written?.discard();
    throw error;
  }
}

async function copyMember(
  job: ColdJob,
  pending: PendingWindow,
  window: Window,
  member: number,
  signal: AbortSignal,
): Promise<CopiedMember> {
  const { key } = job.hot.members[member] ?? { key: [] };
  const table = emptyKeyTable(linkColumns(job.hot.members, member));
  let writer: SegmentWriter | null = null;
  const held = await alreadyHeld(job, pending, window, member);
  let skipped = 0;
  const options = {
    member,
    after: pending.after,
    upTo: window.end,
    batchRows: BATCH_ROWS,
    batchBytes: BATCH_BYTES,
    digests: true,
    versions: true,
  };
  try {
    for await (const found of job.rows.read(job.hot, options, signal)) {
      const batch = held ? subset(found, rowsNotHeld(found, key, held)) : found;
      skipped += found.rowCount - batch.rowCount;
      if (batch.rowCount === 0) continue;
      writer ??= await openWriter(job, pending, window, member);
      addKeys(table, batch, key);
      await writer.append(batch);
    }
    return { member, table, skipped, written: writer && (await writer.finish()) };
  } catch (error) {
    await writer?.abort();
    throw error;
  }
}

/** What segments hold of a window already; null where nothing can lie in both tiers. */
async function alreadyHeld(job: ColdJob, pending: PendingWindow, window: Window, member: number) {
  if (job.leavesBy === "delete") return null;
  const { time } = job.hot;
  const fromUs = pending.after && cursorTimeUs(pending.after, time);
  return heldRows(
    job,
    member,
    { fromUs, untilUs: cursorTimeUs(window.end, time) },
    new Set(pending.segmentIds),
  );
}

/**
 * Puts a copied window into the store: Parquet, read back and proved, manifest last, then the catalogue. Nothing is
 * deleted. Harmless when repeated.
 */
export async function commitWindow(
  job: ColdJob,
  copied: CopiedWindow,
  signal: AbortSignal,
): Promise<ExportedWindow> {
  try {
    const exported = await putWindow(job, copied, signal);
    // Whoever took over has thrown away what was there by then; what came later is ours to throw away.
    await job.context.holdLease();
    return exported;
  } catch (error) {
    if (await leaseIsLost(job)) await discardLate(job, copied.pending);
    throw error;
  }
}

async function leaseIsLost(job: ColdJob): Promise<boolean> {
  return job.context.holdLease().then(
    () => false,
    (error: unknown) => error instanceof LeaseLost,
  );
}

/** Nobody else ever uses these names, and no row was deleted on their account: rows they hold would be there twice. */
async function discardLate(job: ColdJob, pending: PendingWindow): Promise<void> {
  const signal = AbortSignal.timeout(DISCARD_MS);
  try {
    await discardWindow({ ...job, context: { ...job.context, signal } }, pending);
  } catch (error) {
    log("operations").warn({ err: error, segmentIds: pending.segmentIds }, "could not discard late segments");
  }
}

async function putWindow(
  job: ColdJob,
  { pending, window, members }: CopiedWindow,
  signal: AbortSignal,
): Promise<ExportedWindow> {
  const committed: (CommittedSegment | null)[] = [];
  for (const { written } of members) committed.push(written && (await commitMember(job, written, signal)));
  const manifests = committed.map((one) => one?.manifest ?? null);
  await recordSegments(
    job,
    manifests.flatMap((manifest, member) => (manifest ? [{ manifest, member }] : [])),
  );
  return {
    tables: members.map(({ table }) => table),
    manifests,
    window: {
      ...pending,
      state: "committed",
      end: [...window.end],
      month: window.month,
      keys: manifests.map((manifest) => manifest?.key ?? null),
      proved: committed.map((one) => storeSum(one?.proved ?? emptyDigest())),
      skipped: String(members.reduce((sum, { skipped }) => sum + skipped, 0)),
      bytes: manifests.reduce((sum, one) => sum + BigInt(one?.sourceBytes ?? 0), 0n).toString(),
    },
  };
}

async function commitMember(
  job: ColdJob,
  written: WrittenSegment,
  signal: AbortSignal,
): Promise<CommittedSegment> {
  await job.context.holdLease();
  const committed = await commitSegment(job.objects, written, signal);
  await written.discard();
  job.context.log(committedLine(committed.manifest));
  return committed;
}

const MIB = 1_048_576;
const mib = (sizeBytes: number): string => `${(sizeBytes / MIB).toFixed(1)} MB`;

const committedLine = (manifest: Manifest): string =>
  `${manifest.dataset.name} ${manifest.month}: segment of ${manifest.rowCount} rows, ${mib(manifest.sourceBytes)} → ${mib(manifest.sizeBytes)}, sha256 ${manifest.sha256.slice(0, 12)}…, read back equal`;

function openWriter(
  job: ColdJob,
  pending: PendingWindow,
  window: Window,
  member: number,
): Promise<SegmentWriter> {
  const dataset = job.family.members[member];
  const columns = job.columns[member] ?? [];
  if (!dataset) throw new Error(`the family has no member ${member}`);
  const has = (name: string | null | undefined): name is string =>
    columns.some((column) => column.name === name);
  const filters: Record<string, string> = {};
  for (const role of FILTER_ROLES) {
    const column = dataset.roles[role];
    if (has(column)) filters[role] = column;
  }
  const textColumns = dataset.roles.text.filter(has);
  return createSegmentWriter({
    segmentId: pending.segmentIds[member] ?? "",
    dataset: {
      name: dataset.name,
      store: job.family.store.name,
      ...{ schema: dataset.table.schema, table: dataset.table.name },
    },
    month: window.month,
    columns,
    keyColumns: dataset.key,
    time: has(dataset.roles.time?.column) ? dataset.roles.time : null,
    window: { after: pending.after, end: window.end },
    operationId: job.context.operationId,
    versions: { strata: version, store: job.storeVersion },
    scratchDir: job.context.scratchDir,
    sidecar: {
      builder: createArchiveSidecarBuilder({ textColumns, filterRoles: Object.keys(filters) }),
      textColumns,
      filters,
    },
  });
}
