import type { DigestSum } from "@/lib/stores/digest";
import type { MyHandle } from "@/lib/stores/mysql/client";
import { digestHexSql, digestSums, sumOf } from "@/lib/stores/mysql/digest-sql";
import { tooLong } from "@/lib/stores/mysql/guard";
import { memberCondition, memberTable } from "@/lib/stores/mysql/scope-sql";
import { memberAt, resolveScope, type Shapes } from "@/lib/stores/mysql/shapes";
import { NO_LIMIT } from "@/lib/stores/mysql/sql";
import type { FamilyScope } from "@/lib/stores/rows";

/** Rows and digest of every member, all of one moment. Reads everything in scope; no timeout but the signal. */
export async function countRows(
  handle: MyHandle,
  shapes: Shapes,
  family: FamilyScope,
  signal: AbortSignal,
): Promise<DigestSum[]> {
  return handle.run({ signal, timeoutMs: null, transaction: "snapshotRead" }, async (session) => {
    const scope = await resolveScope(session, shapes, family);
    const sums: DigestSum[] = [];
    for (let index = 0; index < scope.members.length; index++) {
      const member = memberAt(scope, index);
      // Without the LIMIT the subquery would be merged, and every digest be computed twice.
      const [row] = await session.query(
        `SELECT ${digestSums("h")} FROM (SELECT ${digestHexSql("r", member.columns)} AS h FROM ${memberTable(scope, index, "r")} WHERE ${memberCondition(scope, index, { after: null, upTo: null }, "r")} LIMIT ${NO_LIMIT}) s`,
      );
      if (row?.none !== "0") throw tooLong(member, session.server.maxPacketBytes);
      sums.push(sumOf(row));
    }
    return sums;
  });
}
