import { StoreError } from "@/lib/errors";
import { asked } from "@/lib/stores/mongodb/answers";
import type { MongoHandle } from "@/lib/stores/mongodb/client";
import { collectionInfo, fullName } from "@/lib/stores/mongodb/collection";
import { reusableBytesIn } from "@/lib/stores/mongodb/stats";
import { heapBytesIn } from "@/lib/stores/mongodb/tables";
import type { LockLevel, OptimizeAction, OptimizePlan } from "@/lib/stores/store";
import type { TableRef } from "@/lib/stores/table";

/** Share of free space in the file from which compact is worth it, and maybe so. */
const WORTH = { yes: 0.3, maybe: 0.1 };
/** A compact may take hours; the signal ends the waiting, not the server's work. */
const COMPACT_MS = 24 * 3_600_000;

const versionOf = (text: string): number => {
  const [major = 0, minor = 0] = text.split(".").map(Number);
  return major * 100 + minor;
};

/** Before 4.4 compact locks the database it works in; since then reads and writes go on. */
function lockOf(version: string): { lock: LockLevel; lockName: string } {
  return versionOf(version) < 404
    ? { lock: "all", lockName: "exclusive lock on the database" }
    : { lock: "maintenance", lockName: "intent exclusive; createIndex, drop and the like wait" };
}

const statement = (ref: TableRef): string =>
  `db.getSiblingDB(${JSON.stringify(ref.schema)}).runCommand({ compact: ${JSON.stringify(ref.name)} })`;

export async function offersOf(
  handle: MongoHandle,
  ref: TableRef,
  signal: AbortSignal,
): Promise<{ action: OptimizeAction; plan: OptimizePlan }[]> {
  const run = { signal };
  const info = await collectionInfo(handle, ref, run);
  if (info.kind === "view") return [];
  const build = await handle.command("admin", { buildInfo: 1 }, run);
  const { document } = await asked(handle, ref.schema, { collStats: ref.name }, run);
  const stats = document ?? {};
  const reusable = reusableBytesIn(stats);
  const total = heapBytesIn(stats);
  const share = reusable === null || total === 0 ? 0 : reusable / total;
  const worth = share >= WORTH.yes ? "yes" : share >= WORTH.maybe ? "maybe" : "no";
  return [
    {
      action: { kind: "compact" },
      plan: {
        statements: [statement(ref)],
        ...lockOf(String(build.version ?? "")),
        // It moves blocks within the file: no second copy is made.
        needsBytes: 0,
        returnsBytes: reusable ?? 0,
        reusableBytes: 0,
        advice:
          reusable === null
            ? { key: "mongoCompactUnknown", worth: "maybe", details: {} }
            : {
                key: "mongoCompact",
                worth,
                details: { returnsBytes: reusable, percent: Math.round(share * 100) },
              },
      },
    },
  ];
}

/** Runs compact on the member that is connected to. It does not replicate: each member is compacted by itself. */
export async function* runCompact(
  handle: MongoHandle,
  ref: TableRef,
  action: OptimizeAction,
  signal: AbortSignal,
): AsyncGenerator<{ phase: string; progress: number | null }> {
  handle.mustWrite();
  if (action.kind !== "compact")
    throw new StoreError("bad_input", `MongoDB has no action ${action.kind}. Nothing was changed.`, {
      key: "mongodb.noAction",
      details: { action: action.kind },
    });
  await collectionInfo(handle, ref, { signal });
  yield { phase: "compact", progress: null };
  const build = await handle.command("admin", { buildInfo: 1 }, { signal });
  const old = versionOf(String(build.version ?? "")) < 404;
  const primary = old ? await isPrimary(handle, signal) : false;
  if (primary)
    throw new StoreError(
      "refused",
      `compact on a primary of this version would lock the whole database of ${fullName(ref)}. Nothing was changed. Step the primary down first, or run it on a secondary.`,
      {
        key: "mongodb.compactOnPrimary",
        details: { table: fullName(ref) },
      },
    );
  await handle.long(ref.schema, { compact: ref.name }, { signal, timeoutMs: COMPACT_MS });
  yield { phase: "compact", progress: 1 };
}

async function isPrimary(handle: MongoHandle, signal: AbortSignal): Promise<boolean> {
  const member = await handle.command("admin", { isMaster: 1 }, { signal });
  return member.ismaster === true && member.setName !== undefined;
}
