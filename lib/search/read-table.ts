import { AppError } from "@/lib/errors";
import type { RowAccess, RowQuery } from "@/lib/stores/rows";
import type { Store } from "@/lib/stores/store";
import type { TableRef } from "@/lib/stores/table";
import { type KeyKind, kindsOfShape } from "./order";
import { fromCursor, type Position } from "./position";
import type { Target } from "./target";
import {
  type DatasetRequest,
  type Found,
  SNIPPET_CHARS,
  sentence,
  shownColumns,
  type TierReading,
  tierNotes,
  toUs,
} from "./tier-reading";

/** Longest a table is looked through for one page; the page then ends where the looking did. */
const TIMEOUT_MS = 10_000;

/** Rows of the hot or the archive table. Failures are reported, not thrown; only an abort is thrown. */
export async function readTable(
  request: DatasetRequest,
  tier: "hot" | "archive",
  table: TableRef,
  opening: Promise<Store>,
): Promise<TierReading> {
  const { target, signal } = request;
  const note = tierNotes(request, tier);
  note("running");
  try {
    const { rows: access } = await opening;
    if (!access)
      throw new AppError("refused", `${target.storeName} holds no tables. Nothing was searched there.`);
    const kinds = await keyKinds(target, access, signal);
    const page = await access.search(tableQuery(request, table), signal);
    const rows = page.rows.map(
      (row): Found => ({ ...row, tier, storeName: target.storeName, segmentId: null, cuts: null }),
    );
    request.show(rows);
    const horizon = page.next && fromCursor(page.next, target.roles.time);
    if (page.incomplete) note("failed", { scanned: rows.length, message: tooSlow(target, tier, horizon) });
    else note("done", { scanned: rows.length });
    return { rows, horizon, kinds };
  } catch (error) {
    signal.throwIfAborted();
    note("failed", { message: sentence(error) });
    return { rows: [], horizon: null, kinds: null };
  }
}

function tooSlow({ name }: Target, tier: string, horizon: Position | null): string {
  const seconds = TIMEOUT_MS / 1000;
  if (!horizon)
    return `The ${tier} table of ${name} gave no row within ${seconds} s: it is missing from this page. Narrow the time, or add a trigram index.`;
  const back =
    horizon.timeUs === null ? "" : ` back to ${new Date(Number(horizon.timeUs / 1000n)).toISOString()}`;
  return `The ${tier} table of ${name} was looked through${back} within ${seconds} s. The next page goes on from there; a trigram index would make it fast.`;
}

const known = new Map<string, { kinds: KeyKind[]; untilMs: number }>();

/** Types of key columns hardly ever change: they are asked for every five minutes. */
async function keyKinds(target: Target, access: RowAccess, signal: AbortSignal): Promise<KeyKind[]> {
  const id = JSON.stringify([target.datasetId, target.roles.key]);
  const held = known.get(id);
  if (held && held.untilMs > Date.now()) return held.kinds;
  const kinds = kindsOfShape(await access.describe(target.hot, signal), target.roles.key);
  known.set(id, { kinds, untilMs: Date.now() + 300_000 });
  return kinds;
}

function tableQuery(request: DatasetRequest, table: TableRef): RowQuery {
  const { target, input, terms, filters, after, limit } = request;
  return {
    table,
    key: target.roles.key,
    time: target.roles.time,
    textColumns: target.roles.text,
    terms,
    equals: filters.map(({ column, value }) => ({ column, value })),
    fromUs: toUs(input.from),
    untilUs: toUs(input.until),
    after,
    limit,
    columns: shownColumns(target),
    snippetChars: SNIPPET_CHARS,
    timeoutMs: TIMEOUT_MS,
  };
}
