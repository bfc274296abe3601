import { type IdRange, rangeOf } from "@/lib/stores/redis/entry-id";
import { quoted } from "@/lib/stores/redis/groups";
import { restoredName } from "@/lib/stores/redis/streams";
import type { FamilyScope } from "@/lib/stores/rows";

/** The commands an operation sends, for a plan. */
export function explainCommands(
  scope: FamilyScope,
  what: "move" | "export" | "delete" | "restore",
): string[] {
  const range: IdRange = rangeOf(scope) ?? { from: "(", to: "(" };
  const name = scope.members[0]?.table.name ?? "";
  const key = quoted(name);
  switch (what) {
    case "export":
      return [`XRANGE ${key} ${range.from} ${range.to} COUNT <n>`];
    case "delete":
      return [
        `EVAL "<for each id: compare the entry's SHA-1, ask XINFO GROUPS and XPENDING, then XDEL>" 1 ${key} <id> <sha1> …`,
      ];
    case "restore":
      return [
        `MULTI; XADD ${key} <id> <field> <value> …; EXEC   -- above its last id, when no consumer group reads it`,
        `MULTI; XADD ${quoted(restoredName(name))} <id> <field> <value> …; EXEC   -- otherwise; read together with ${key}`,
      ];
    case "move":
      return [];
  }
}
