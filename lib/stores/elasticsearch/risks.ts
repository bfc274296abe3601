import { encode, resolveTable } from "@/lib/stores/elasticsearch/catalogue";
import type { EsHandle } from "@/lib/stores/elasticsearch/client";
import type { FamilyScope, ScopeRisk } from "@/lib/stores/rows";

type Answer = Record<string, { settings?: Record<string, string>; defaults?: Record<string, string> }>;

const MOST_NAMED = 5;

/**
 * What is restored is taken from its segments once it is read back. An index whose translog is written behind its
 * answers forgets the last seconds in a crash, and with them the only copy: the plan warns, with the request that mends it.
 */
export async function scopeRisks(
  handle: EsHandle,
  scope: FamilyScope,
  what: "move" | "export" | "delete" | "restore",
  signal: AbortSignal,
): Promise<ScopeRisk[]> {
  const [member] = scope.members;
  if (what !== "restore" || !member) return [];
  const table = await resolveTable(handle, member.table, signal);
  const answer = await handle.optional<Answer>(
    `/${table.expression}/_settings?flat_settings=true&include_defaults=true`,
    signal,
  );
  const late = table.indices
    .map(({ name }) => name)
    .filter((name) => {
      const { settings, defaults } = answer?.[name] ?? {};
      const durability = settings?.["index.translog.durability"] ?? defaults?.["index.translog.durability"];
      return durability?.toLowerCase() === "async";
    });
  if (late.length === 0) return [];
  const more = late.length > MOST_NAMED ? ", …" : "";
  const details = { count: late.length, indices: late.slice(0, MOST_NAMED).join(", ") + more };
  const fix = late
    .slice(0, MOST_NAMED)
    .map((name) => `PUT /${encode(name)}/_settings {"index.translog.durability": "request"}`);
  return [{ severity: "warn", key: "elasticsearchRestoreLate", details, fix }];
}
