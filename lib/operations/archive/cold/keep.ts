import type { ColdCursor } from "@/lib/operations/archive/cold/cursor";
import { type HeldRow, heldRows } from "@/lib/operations/archive/cold/held";
import type { ColdJob } from "@/lib/operations/archive/cold/job";
import { disown, finished, type Removal } from "@/lib/operations/archive/cold/remove";
import { keyId } from "@/lib/segments/read";
import type { Manifest } from "@/lib/segments/segment";

/**
 * The end of a window whose rows leave by expiry: nothing is deleted from the source. Older versions of its rows are
 * taken from the segments that own them, so that each row counts once and is found as it is. Idempotent.
 */
export async function keepWindow(job: ColdJob, at: ColdCursor, removal: Removal): Promise<ColdCursor> {
  const own = new Set(removal.window.segmentIds);
  for (const [member, manifest] of removal.manifests.entries()) {
    if (!manifest) continue;
    const span = { fromUs: micros(manifest.minTimeUs), untilUs: micros(manifest.maxTimeUs) };
    const held = await heldRows(job, member, span, own);
    const older = (removal.tables[member]?.keys ?? [])
      .flatMap((key) => held.get(keyId(key)) ?? [])
      .filter((row) => isOlder(row.manifest, manifest));
    for (const rows of bySegment(older)) {
      const [first] = rows;
      if (!first) continue;
      const positions = rows.map(({ position }) => position);
      await disown({ ...job, objects: first.objects }, first.manifest, positions, "superseded");
      job.context.log(`${rows.length} rows of ${manifest.dataset.name} replace older versions of themselves`);
    }
  }
  const all = removal.tables.map(({ keys }) => new Set(keys.keys()));
  return finished(at, removal.window, removal, all);
}

/**
 * Whether one segment holds an earlier state than another, which is being finished. Operations of a dataset come one
 * after the other, so all others' are. Windows of one overlap: a later one may be committed already, and hold a row
 * that changed since. Were both taken for the older one, the row would be in neither when the store drops it.
 */
export const isOlder = (
  one: Pick<Manifest, "operationId" | "segmentId">,
  than: Pick<Manifest, "operationId" | "segmentId">,
): boolean => one.operationId !== than.operationId || one.segmentId < than.segmentId;

const micros = (us: string | null): bigint | null => (us === null ? null : BigInt(us));

function bySegment(rows: readonly HeldRow[]): HeldRow[][] {
  const groups = new Map<string, HeldRow[]>();
  for (const row of rows) {
    const id = row.manifest.segmentId;
    groups.set(id, [...(groups.get(id) ?? []), row]);
  }
  return [...groups.values()];
}
