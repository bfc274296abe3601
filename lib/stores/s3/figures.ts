import { isAppError } from "@/lib/errors";
import type { S3Handle } from "@/lib/stores/s3/client";
import { lastFindings } from "@/lib/stores/s3/conditional";
import { type Budget, inventory } from "@/lib/stores/s3/inventory";
import { deletingRules, lifecycle, ruleText } from "@/lib/stores/s3/lifecycle";
import { STALE_MS, staleUploads } from "@/lib/stores/s3/uploads";
import type { Breakdown, Limit, StoreFigures } from "@/lib/stores/store";

/** Taken every minute: one walk in ten minutes bounds what a cloud charges for it. */
const BUDGET: Budget = { objects: 50_000, ms: 3_000, maxAgeMs: 10 * 60_000 };
const MOST_ROWS = 50;

/** Bytes by prefix and by storage class, uploads nobody finished, the bucket's own rules, content that lies twice. */
export async function storeFigures(handle: S3Handle, signal: AbortSignal): Promise<StoreFigures> {
  const found = await inventory(handle, BUDGET, signal);
  const hidden = lastFindings(handle)?.listsUploads === false;
  const stale = hidden ? null : await staleCount(handle, signal);
  const rules = await lifecycle(handle, signal);
  const wasted = found.duplicates.reduce((sum, { copies, sizeBytes }) => sum + (copies - 1) * sizeBytes, 0);
  const notes: Limit[] = [];
  const note = (key: string, details: Limit["details"] = {}, severity: Limit["severity"] = "info") =>
    notes.push({ key, severity, details });
  if (!found.complete) note("s3Large", { objects: found.objects });
  if (hidden) note("s3UploadsHidden");
  else if (stale === null) note("s3NoUploadList");
  if (!rules.known) note(rules.why === "forbidden" ? "s3LifecycleForbidden" : "s3NoLifecycle");
  for (const rule of rules.known ? deletingRules(handle, rules.rules) : [])
    note("s3LifecycleDeletes", { rule: rule.ID ?? "", days: rule.Expiration?.Days ?? 0 }, "warning");
  return {
    figures: [
      { key: "objects", value: found.objects, unit: "count", charted: true },
      { key: "objectBytes", value: found.sizeBytes, unit: "bytes", charted: true },
      { key: "staleUploads", value: stale, unit: "count", charted: stale !== null },
      { key: "duplicateBytes", value: wasted, unit: "bytes" },
      { key: "lifecycleRules", value: rules.known ? rules.rules.length : null, unit: "count" },
    ],
    breakdowns: [
      {
        key: "bytesByPrefix",
        unit: "bytes",
        rows: found.parts.slice(0, MOST_ROWS).map(({ ref, sizeBytes }) => ({
          label: ref.schema === "" ? `${ref.name}/` : `${ref.schema} / ${ref.name}`,
          value: sizeBytes,
        })),
      },
      {
        key: "bytesByClass",
        unit: "bytes",
        rows: [...found.classes]
          .map(([label, value]) => ({ label, value }))
          .sort((a, b) => b.value - a.value)
          .slice(0, MOST_ROWS),
      },
      ...ruleRows(rules.known ? rules.rules.map(ruleText) : []),
      ...duplicateRows(found.duplicates),
    ],
    notes,
  };
}

const ruleRows = (rules: readonly ReturnType<typeof ruleText>[]): Breakdown[] =>
  rules.length === 0
    ? []
    : [
        {
          key: "lifecycleDays",
          unit: "count",
          rows: rules.slice(0, MOST_ROWS).map(({ label, days, note }) => ({ label, value: days, note })),
        },
      ];

const duplicateRows = (
  duplicates: readonly { keys: string[]; copies: number; sizeBytes: number }[],
): Breakdown[] =>
  duplicates.length === 0
    ? []
    : [
        {
          key: "duplicates",
          unit: "bytes",
          rows: duplicates.slice(0, MOST_ROWS).map(({ keys, copies, sizeBytes }) => ({
            label: keys[0] ?? "",
            value: (copies - 1) * sizeBytes,
            note: `= ${keys.slice(1).join(", ")}${copies > keys.length ? ", …" : ""}`,
          })),
        },
      ];

/** Null: this key may not list them, or the server does not. */
async function staleCount(handle: S3Handle, signal: AbortSignal): Promise<number | null> {
  try {
    return (await staleUploads(handle, "", STALE_MS, signal)).length;
  } catch (error) {
    if (isAppError(error) && (error.key === "s3.right" || error.key === "s3.notImplemented")) return null;
    throw error;
  }
}
