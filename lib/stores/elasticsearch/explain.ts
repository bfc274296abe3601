import type { FamilyScope } from "@/lib/stores/rows";

const instant = (us: bigint): string => new Date(Number(us / 1_000n)).toISOString();

/** The requests an operation would send, for a plan. */
export function explainRequests(
  scope: FamilyScope,
  what: "move" | "export" | "delete" | "restore",
): string[] {
  const [member] = scope.members;
  const name = member?.table.name ?? "";
  const bounds = {
    ...(scope.fromUs !== null && { gte: instant(scope.fromUs) }),
    ...(scope.untilUs !== null && { lt: instant(scope.untilUs) }),
  };
  const query = JSON.stringify({ range: { [scope.time.column]: bounds } });
  switch (what) {
    case "export":
      return [
        `POST /${name}/_pit?keep_alive=3m`,
        `POST /_search {"query":${query},"sort":[{"${scope.time.column}":"asc"}],"size":5000,"seq_no_primary_term":true}`,
      ];
    case "delete":
      return [
        `POST /_bulk?refresh=true {"delete":{"_index":"${name}","_id":"…","if_seq_no":"…","if_primary_term":"…"}}`,
      ];
    case "restore":
      return [`POST /_mget`, `POST /_bulk?refresh=true {"create":{"_index":"${name}","_id":"…"}}`];
    case "move":
      return [];
  }
}
