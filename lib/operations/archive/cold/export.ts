import type { PendingWindow } from "@/lib/operations/archive/cold/cursor";
import type { ColdJob } from "@/lib/operations/archive/cold/job";
import { addKeys, emptyKeyTable, type KeyTable, linkColumns } from "@/lib/operations/archive/cold/key-table";
import { recordSegments } from "@/lib/operations/archive/cold/record";
import { storeSum } from "@/lib/operations/sums";
import { commitSegment } from "@/lib/segments/commit";
import type { Manifest } from "@/lib/segments/segment";
import { createSidecarBuilder } from "@/lib/segments/sidecar";
import { createSegmentWriter, type SegmentWriter } from "@/lib/segments/writer";
import { type DigestSum, emptyDigest } from "@/lib/stores/digest";
import type { Window } from "@/lib/stores/store";
import { version } from "@/package.json";

const BATCH_ROWS = 2_000;
const BATCH_BYTES = 4 << 20;
const FILTER_ROLES = ["tenant", "user", "status", "model"] as const;

export interface ExportedWindow {
  window: PendingWindow;
  /** Per member, in file order. */
  tables: KeyTable[];
  manifests: (Manifest | null)[];
}

/**
 * Exports the next window into segments: rows with their digests into Parquet, put, read back and proved, manifest
 * last, then the catalogue. Nothing is deleted. Null when nothing is left below the cut-off.
 */
export async function exportWindow(
  job: ColdJob,
  pending: PendingWindow,
  maxRows: number,
  signal: AbortSignal,
): Promise<ExportedWindow | null> {
  const window = await job.rows.window(job.hot, pending.after, maxRows, signal);
  if (!window) return null;
  const members: ExportedMember[] = [];
  for (const member of job.hot.members.keys()) {
    members.push(await exportMember(job, pending, window, member, signal));
  }
  await recordSegments(
    job,
    members.flatMap(({ manifest, member }) => (manifest ? [{ manifest, member }] : [])),
  );
  return {
    tables: members.map(({ table }) => table),
    manifests: members.map(({ manifest }) => manifest),
    window: {
      ...pending,
      state: "committed",
      end: [...window.end],
      month: window.month,
      keys: members.map(({ manifest }) => manifest?.key ?? null),
      proved: members.map(({ proved }) => storeSum(proved)),
      bytes: members.reduce((sum, { bytes }) => sum + BigInt(bytes), 0n).toString(),
    },
  };
}

interface ExportedMember {
  member: number;
  table: KeyTable;
  manifest: Manifest | null;
  proved: DigestSum;
  bytes: number;
}

async function exportMember(
  job: ColdJob,
  pending: PendingWindow,
  window: Window,
  member: number,
  signal: AbortSignal,
): Promise<ExportedMember> {
  const { key } = job.hot.members[member] ?? { key: [] };
  const table = emptyKeyTable(linkColumns(job.hot.members, member));
  let writer: SegmentWriter | null = null;
  const options = {
    member,
    after: pending.after,
    upTo: window.end,
    batchRows: BATCH_ROWS,
    batchBytes: BATCH_BYTES,
    digests: true,
  };
  try {
    for await (const batch of job.rows.read(job.hot, options, signal)) {
      if (batch.rowCount === 0) continue;
      writer ??= await openWriter(job, pending, window, member);
      addKeys(table, batch, key);
      await writer.append(batch);
    }
    if (!writer) return { member, table, manifest: null, proved: emptyDigest(), bytes: 0 };
    const bytes = writer.sizeBytes;
    const written = await writer.finish();
    await job.context.holdLease();
    const { manifest, proved } = await commitSegment(job.objects, written, signal);
    await written.discard();
    job.context.log(committedLine(manifest));
    return { member, table, manifest, proved, bytes };
  } catch (error) {
    await writer?.abort();
    throw error;
  }
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
      builder: createSidecarBuilder({ textColumns, filterRoles: Object.keys(filters) }),
      textColumns,
      filters,
    },
  });
}
