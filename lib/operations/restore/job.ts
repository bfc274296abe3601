import { toUs } from "@/lib/datasets/cutoff";
import { type Family, familyScope, loadFamily } from "@/lib/datasets/family";
import { AppError } from "@/lib/errors";
import { rowsOf } from "@/lib/operations/row-access";
import type { RestoreParams } from "@/lib/schemas/plan";
import { keyId } from "@/lib/segments/read";
import { traitsOf } from "@/lib/stores/registry";
import type { FamilyScope, RowAccess } from "@/lib/stores/rows";
import type { Store, StoreTraits } from "@/lib/stores/store";

/** What both directions of a restore need; `access` is read for a dry run. */
export interface RestoreJob {
  family: Family;
  hot: FamilyScope;
  rows: RowAccess;
  /** `expiry`: the hot rows will be dropped by the store again, so the colder tier keeps its own. */
  leavesBy: StoreTraits["leavesBy"];
  fromUs: bigint | null;
  untilUs: bigint | null;
  /** Null: no rows were named. */
  keys: ReadonlySet<string> | null;
  params: RestoreParams;
  operationId: string;
  signal: AbortSignal;
  open(storeId: string): Promise<Store>;
  /** Throws when another worker has taken over. A dry run, which changes nothing, has none to lose. */
  holdLease(): Promise<void>;
}

type Context = Pick<RestoreJob, "operationId" | "signal" | "open" | "holdLease">;

export async function openRestoreJob(context: Context, params: RestoreParams): Promise<RestoreJob> {
  if (!params.range && !params.keys) throw nothingNamed();
  const family = await loadFamily(params.datasetId);
  const rows = rowsOf(await context.open(family.store.id), family.store.name);
  const bound = (at: string | null | undefined) => (at ? toUs(new Date(at)) : null);
  return {
    ...context,
    params,
    family,
    rows,
    leavesBy: traitsOf(family.store.kind).leavesBy,
    hot: familyScope(family, "hot", { fromUs: null, untilUs: null }),
    fromUs: bound(params.range?.from),
    untilUs: bound(params.range?.until),
    keys: params.keys ? new Set(params.keys.map(keyId)) : null,
  };
}

function nothingNamed(): AppError {
  const message = "Say what to restore: a range of time or rows by their key. Nothing was changed.";
  return new AppError("bad_input", message, { key: "restoreNothingNamed", fields: { range: message } });
}
