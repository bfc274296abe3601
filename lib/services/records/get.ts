import { authorize } from "@/lib/auth/authorize";
import { db } from "@/lib/control/database";
import type { Dataset } from "@/lib/control/prisma/client/client";
import { AppError } from "@/lib/errors";
import { rolesSchema } from "@/lib/schemas/dataset";
import { type GetRecordInput, getRecordSchema, type RecordDto, type RecordRow } from "@/lib/schemas/record";
import type { Actor } from "@/lib/schemas/user";
import { findDataset } from "@/lib/services/datasets/find";
import { parse } from "@/lib/services/parse";
import { segmentRows, tableRows } from "@/lib/services/records/dataset-rows";
import { noted } from "@/lib/services/records/noted";
import { loadRelatives } from "@/lib/services/records/relatives";

/** A person waits; beyond this the tiers that did not answer are named instead. */
const READ_MS = 20_000;
/** Segments looked through at most when nothing says which one holds the row. */
const MOST_SEGMENTS = 50;

/**
 * One row with its family, wherever it lives: hot first, then archive, then cold (`segmentId` tells where to look
 * first). Tiers that cannot be asked are named in `notes`. Throws `not_found` when none has it.
 */
export async function getRecord(actor: Actor, input: GetRecordInput): Promise<RecordDto> {
  authorize(actor, "search.read");
  const { datasetId, key, segmentId } = parse(getRecordSchema, input);
  const dataset = await findDataset(datasetId);
  const signal = AbortSignal.timeout(READ_MS);
  const notes: string[] = [];
  const row = await findRow(dataset, key, segmentId ?? null, notes, signal);
  if (!row) throw gone(dataset.name, notes);
  const store = await db().store.findUnique({ where: { id: dataset.storeId }, select: { name: true } });
  const family = await loadRelatives(dataset, row, notes, signal);
  return { ...row, ...namedParts(dataset, row), storeName: store?.name ?? "", family, notes };
}

async function findRow(
  dataset: Dataset,
  key: string[],
  segmentId: string | null,
  notes: string[],
  signal: AbortSignal,
): Promise<RecordRow | null> {
  for (const tier of ["hot", "archive"] as const) {
    const [row] = await noted(notes, tier, () => tableRows(dataset, tier, [key], signal));
    if (row) return row;
  }
  for (const id of await segmentsToAsk(dataset.id, segmentId)) {
    const [row] = await noted(notes, "cold", () => segmentRows(dataset, id, [key], signal));
    if (row) return row;
    if (signal.aborted) break;
  }
  return null;
}

async function segmentsToAsk(datasetId: string, first: string | null): Promise<string[]> {
  const rows = await db().segment.findMany({
    where: { datasetId, state: "committed" },
    select: { id: true },
    orderBy: { maxTime: "desc" },
    take: MOST_SEGMENTS,
  });
  const others = rows.map((row) => row.id).filter((id) => id !== first);
  return first ? [first, ...others] : others;
}

function namedParts(dataset: Dataset, row: RecordRow) {
  const roles = rolesSchema.parse(dataset.roles);
  const text = (column: string | null) =>
    column === null ? null : (row.columns.find((one) => one.name === column)?.value ?? null);
  return {
    prompt: text(roles.prompt),
    answer: text(roles.answer),
    user: text(roles.user),
    model: text(roles.model),
    status: text(roles.status),
    tenant: text(roles.tenant),
    tokens: text(roles.tokens),
  };
}

function gone(name: string, notes: readonly string[]): AppError {
  if (notes.length > 0) {
    return new AppError(
      "unreachable",
      `The row of ${name} was not found where we could look. Not searched: ${notes.join("; ")}`,
      { key: "recordUnsure", details: { name, notes: notes.join("; ") } },
    );
  }
  return new AppError(
    "not_found",
    `${name} has no row with this key in any tier. The application may have deleted it.`,
    {
      key: "recordNotFound",
      details: { name },
    },
  );
}
