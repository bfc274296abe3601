import { z } from "zod";
import { db } from "@/lib/control/database";
import { loadFamily } from "@/lib/datasets/family";
import { AppError } from "@/lib/errors";
import type { Step, StepContext } from "@/lib/operations/operation";
import { archiveSlices } from "@/lib/operations/restore/archive-slices";
import { coldSlices, retireEmpty } from "@/lib/operations/restore/cold-slices";
import { openRestoreJob, type RestoreJob } from "@/lib/operations/restore/job";
import { type Selection, selectRows } from "@/lib/operations/restore/select";
import { type PlacedBatch, type Slice, subset } from "@/lib/operations/restore/slice";
import {
  joinSums,
  loadSum,
  noSums,
  proofLine,
  sameSum,
  storeSum,
  sumSchema,
  totalRows,
  withoutSum,
} from "@/lib/operations/sums";
import type { Proof } from "@/lib/schemas/operation";
import type { RestoreParams } from "@/lib/schemas/plan";
import { addDigests, type DigestSum, emptyDigest, joinDigests } from "@/lib/stores/digest";

const STEP = "restoreRows";

export const restoreCursorSchema = z.object({
  after: z.string().nullable(),
  /** The slice at work and what it is about to move: known to be done if a crash has left nothing of it. */
  pending: z.object({ sliceId: z.string(), expected: z.array(sumSchema), bytes: z.string() }).nullable(),
  source: z.array(sumSchema),
  target: z.array(sumSchema),
  recovered: z.string(),
  bytes: z.string(),
});
type RestoreCursor = z.infer<typeof restoreCursorSchema>;

const firstCursor = (members: number): RestoreCursor => ({
  after: null,
  pending: null,
  source: noSums(members),
  target: noSums(members),
  recovered: "0",
  bytes: "0",
});

const checkpoint = (cursor: RestoreCursor, phase: string) => ({
  cursor,
  doneRows: totalRows(cursor.target),
  doneBytes: BigInt(cursor.bytes),
  phase,
});

export const slicesOf = (job: RestoreJob, after: string | null): AsyncGenerator<Slice> =>
  job.params.from === "cold" ? coldSlices(job, after) : archiveSlices(job, after);

const jobOf = (context: StepContext, params: RestoreParams): Promise<RestoreJob> =>
  openRestoreJob(
    {
      operationId: context.operationId,
      signal: context.signal,
      open: (storeId) => context.openStore(storeId, "write"),
      holdLease: context.holdLease,
    },
    params,
  );

/** Slice by slice: check for conflicts, write into hot, take out of the colder tier. */
const restoreRows: Step<RestoreParams, RestoreCursor> = {
  name: STEP,
  cursor: restoreCursorSchema,
  async *run(context, params, from) {
    const job = await jobOf(context, params);
    let at = from ?? firstCursor(job.family.members.length);
    for await (const slice of slicesOf(job, at.after)) {
      at = caughtUp(at, slice.sliceId);
      const selection = await selectRows(slice, job.hot, job.rows, context.signal);
      at = {
        ...at,
        pending: { sliceId: slice.sliceId, expected: selectedSums(slice, selection), bytes: "0" },
      };
      yield checkpoint(at, "check");
      const done = await moveSlice(context, job, slice, selection);
      at = moved(at, slice.sliceId, done);
      yield checkpoint(at, "write");
    }
    yield checkpoint(caughtUp(at, null), "write");
  },
};

const moved = (at: RestoreCursor, sliceId: string, done: Done): RestoreCursor => ({
  ...at,
  after: sliceId,
  pending: null,
  source: joinSums(at.source, done.source),
  target: joinSums(at.target, done.target),
  bytes: (BigInt(at.bytes) + BigInt(done.bytes)).toString(),
});

/** A pending slice that is not met again was finished right before a crash. */
function caughtUp(at: RestoreCursor, sliceId: string | null): RestoreCursor {
  if (!at.pending || at.pending.sliceId === sliceId) return at;
  const expected = at.pending.expected.map(loadSum);
  return {
    ...at,
    pending: null,
    source: joinSums(at.source, expected),
    target: joinSums(at.target, expected),
    recovered: (BigInt(at.recovered) + totalRows(at.pending.expected)).toString(),
  };
}

const selectedSums = (slice: Slice, selection: Selection) =>
  slice.tables.map((table, member) =>
    storeSum(digestsAt(table.digests, selection.rows[member] ?? new Set())),
  );

const digestsAt = (digests: readonly Uint8Array[], rows: Iterable<number>): DigestSum =>
  addDigests(
    emptyDigest(),
    [...rows].flatMap((at) => digests[at] ?? []),
  );

interface Done {
  source: DigestSum[];
  target: DigestSum[];
  bytes: number;
}

async function moveSlice(
  context: StepContext,
  job: RestoreJob,
  slice: Slice,
  selection: Selection,
): Promise<Done> {
  await context.quarantine(selection.conflicts.map(({ key, reason }) => ({ key, reason })));
  const done: Done = { source: [], target: [], bytes: 0 };
  const restored: number[][] = [];
  for (const member of job.hot.members.keys()) {
    const written = await writeMember(context, job, slice, selection.rows[member] ?? new Set(), member);
    restored.push(written.positions);
    done.source.push(written.source);
    done.target.push(written.target);
    done.bytes += written.bytes;
    if (!sameSum(written.source, written.target)) throw differs(job, member);
  }
  // A search that read hot before and the colder tier after this would miss these rows: it sees the epoch rise.
  await db().dataset.updateMany({
    where: { id: { in: job.family.members.map(({ datasetId }) => datasetId) } },
    data: { tierEpoch: { increment: 1 } },
  });
  await context.holdLease();
  if (job.leavesBy === "delete") await slice.giveUp(restored);
  return done;
}

async function writeMember(
  context: StepContext,
  job: RestoreJob,
  slice: Slice,
  wanted: ReadonlySet<number>,
  member: number,
): Promise<{ positions: number[]; source: DigestSum; target: DigestSum; bytes: number }> {
  const one = job.hot.members[member];
  const positions: number[] = [];
  let [source, target, bytes] = [emptyDigest(), emptyDigest(), 0];
  if (!one || wanted.size === 0) return { positions, source, target, bytes };
  for await (const placed of slice.read(member, wanted)) {
    const rows = placed.positions.flatMap((at, row) => (wanted.has(at) ? [row] : []));
    if (rows.length === 0) continue;
    refuseMoved(job, slice, member, placed, rows);
    const batch = subset(placed.batch, rows);
    await context.holdLease();
    const result = await job.rows.write(one, batch, context.signal);
    const refused = new Set(result.conflicts.map(({ key }) => JSON.stringify(key)));
    await context.quarantine(
      result.conflicts.map(({ key, reason, detail }) => ({ key, reason: detail || reason })),
    );
    const here = rows.flatMap((row) => placed.positions[row] ?? []);
    const taken = here.filter((at) => !refused.has(JSON.stringify(slice.tables[member]?.keys[at])));
    positions.push(...taken);
    const sum = digestsAt(slice.tables[member]?.digests ?? [], taken);
    source = joinDigests(source, sum);
    target = joinDigests(target, arrived(sum, result.inserted, result.identical));
    bytes += batch.sizeBytes;
  }
  return { positions, source, target, bytes };
}

/** Positions are counted anew with each reading: a row that came or went since would shift all that follow. */
function refuseMoved(
  job: RestoreJob,
  slice: Slice,
  member: number,
  { batch, positions }: PlacedBatch,
  rows: readonly number[],
): void {
  const digests = slice.tables[member]?.digests ?? [];
  const same = (row: number) => {
    const [now, then] = [batch.digests[row], digests[positions[row] ?? -1]];
    return now !== undefined && then !== undefined && Buffer.from(now).equals(then);
  };
  if (rows.every(same)) return;
  const name = job.family.members[member]?.name ?? "";
  throw new AppError(
    "conflict",
    `Rows of ${name} came or went in the colder tier while they were restored. Nothing was taken out of it; the restore reads them again.`,
    { key: "restoreSourceMoved", details: { name }, retryable: true },
  );
}

function differs(job: RestoreJob, member: number): AppError {
  const name = job.family.members[member]?.name ?? "";
  return new AppError(
    "corrupt",
    `What arrived in ${name} is not what was read from the colder tier. Nothing was taken out of it: its rows are still there. Look for a trigger on ${name} that changes rows, then restore again.`,
    { key: "restoreDiffers", details: { name } },
  );
}

/** What the store read back after writing; rows that were there, equal, count with the digest they were compared by. */
function arrived(sum: DigestSum, inserted: DigestSum, identical: number): DigestSum {
  const rest = withoutSum(sum, inserted);
  if (identical > 0 && rest.rowCount === BigInt(identical)) return sum;
  return { ...inserted, rowCount: inserted.rowCount + BigInt(identical) };
}

const retire: Step<RestoreParams, { retired: number }> = {
  name: "retireSegments",
  cursor: z.object({ retired: z.number() }),
  async *run(context, params, from) {
    if (from) return;
    const retired = await retireEmpty(await jobOf(context, params));
    if (retired > 0) context.log(`${retired} segments own no rows any more and were removed`);
    yield { cursor: { retired }, doneRows: 0n, doneBytes: 0n };
  },
};

export const restoreSteps = (params: RestoreParams): readonly Step<RestoreParams>[] =>
  params.from === "cold" ? [restoreRows, retire] : [restoreRows];

/** Brings the slice at work to its end: until then its rows are hot and still in the colder tier. */
export async function settleRestore(
  context: StepContext,
  params: RestoreParams,
): Promise<Record<string, RestoreCursor>> {
  const cursor = context.cursors[STEP] ? restoreCursorSchema.parse(context.cursors[STEP]) : null;
  if (!cursor?.pending) return {};
  const job = await jobOf(context, params);
  for await (const slice of slicesOf(job, cursor.after)) {
    if (slice.sliceId !== cursor.pending.sliceId) break;
    const selection = await selectRows(slice, job.hot, job.rows, context.signal);
    const done = await moveSlice(context, job, slice, selection);
    return { [STEP]: moved(cursor, slice.sliceId, done) };
  }
  return { [STEP]: caughtUp(cursor, null) };
}

/** What came back until an early end. What did not is in its colder tier, as it was. */
export async function stoppedRestore(context: StepContext, params: RestoreParams): Promise<Proof> {
  const proof = await restoreProof(context, params);
  const planned = { key: "plannedRows", after: context.plan.rowCount.toString() };
  const notes = pendingOf(context) ? ["unsettled"] : [];
  return { ...proof, notes, facts: [planned, ...proof.facts], complete: false };
}

const pendingOf = ({ cursors }: StepContext): boolean =>
  cursors[STEP] !== undefined && restoreCursorSchema.parse(cursors[STEP]).pending !== null;

export async function restoreProof(context: StepContext, params: RestoreParams): Promise<Proof> {
  const family = await loadFamily(params.datasetId);
  const at = context.cursors[STEP]
    ? restoreCursorSchema.parse(context.cursors[STEP])
    : firstCursor(family.members.length);
  const sum = (sums: RestoreCursor["source"], member: number) => {
    const one = sums[member];
    return one ? loadSum(one) : emptyDigest();
  };
  const lines = family.members.map((member, m) =>
    proofLine(member.name, sum(at.source, m), sum(at.target, m)),
  );
  return {
    lines,
    segments: [],
    kept: [],
    facts: at.recovered === "0" ? [] : [{ key: "recoveredRows", after: at.recovered }],
    complete: lines.every(({ equal }) => equal),
    madeAt: new Date().toISOString(),
  };
}
