import type { DigestSum } from "@/lib/stores/digest";
import type { PgHandle } from "@/lib/stores/postgres/client";
import { digestHexSql, digestSums, sumOf } from "@/lib/stores/postgres/digest-sql";
import { memberAt, memberCondition } from "@/lib/stores/postgres/scope-sql";
import { resolveScope, type Shapes } from "@/lib/stores/postgres/shapes";
import { parameters, tableName } from "@/lib/stores/postgres/sql";
import type { FamilyScope } from "@/lib/stores/rows";

/** Rows and digest of every member, all of one moment. Reads everything in scope; no timeout but the signal. */
export async function countRows(
  handle: PgHandle,
  shapes: Shapes,
  family: FamilyScope,
  signal: AbortSignal,
): Promise<DigestSum[]> {
  return handle.run({ signal, timeoutMs: null, transaction: "snapshotRead" }, async (session) => {
    const scope = await resolveScope(session, shapes, family);
    const sums: DigestSum[] = [];
    for (let index = 0; index < scope.members.length; index++) {
      const member = memberAt(scope, index);
      const values = parameters();
      const where = memberCondition(scope, index, { after: null, upTo: null }, "r", values);
      const outputs = digestSums("digest").map(({ name, sql }) => `${sql} AS ${name}`);
      const [row] = await session.query(
        `SELECT ${outputs.join(", ")} FROM (SELECT ${digestHexSql("r", member.columns)} AS digest FROM ${tableName(member.table)} r WHERE ${where}) s`,
        values.params,
      );
      sums.push(sumOf(row));
    }
    return sums;
  });
}
