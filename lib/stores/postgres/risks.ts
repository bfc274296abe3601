import { attempt, orElse } from "@/lib/stores/postgres/attempt";
import { areColocated, notUtc, ONE_CITUS_TABLE_SQL, TIME_ZONES_SQL } from "@/lib/stores/postgres/citus";
import type { Row, Session } from "@/lib/stores/postgres/client";
import { flavourOf } from "@/lib/stores/postgres/flavour";
import type { PgMember, PgScope } from "@/lib/stores/postgres/shapes";
import { CHUNKS_SQL, JOBS_SQL, retentionOf } from "@/lib/stores/postgres/timescale";
import type { ScopeRisk } from "@/lib/stores/rows";

export type What = "move" | "export" | "delete" | "restore";

const fullName = ({ table }: PgMember): string => `${table.schema}.${table.name}`;

/** What a flavour puts in the way of an operation. A plain PostgreSQL asks one small question and has none. */
export async function scopeRisks(session: Session, scope: PgScope, what: What): Promise<ScopeRisk[]> {
  const flavour = await flavourOf(session);
  const risks: ScopeRisk[] = columnarRisks(scope, what);
  if (flavour.citus && what === "export") risks.push(...(await timeZoneRisks(session, scope)));
  if (flavour.timescale && what !== "export") {
    const hypertables = scope.members.filter(({ shape }) => shape.kind === "hypertable");
    for (const member of hypertables) risks.push(...(await hypertableRisks(session, scope, member)));
  }
  if (flavour.citus && what !== "export") {
    const tables: (Row | undefined)[] = [];
    for (const { table } of scope.members) {
      const asked = await attempt(session, () =>
        session.query(ONE_CITUS_TABLE_SQL, [table.schema, table.name]),
      );
      tables.push(orElse(asked, [])[0]);
    }
    risks.push(...colocationRisks(scope, tables));
  }
  return risks;
}

/** A segment is proved by digests of the source: a node with another time zone writes times differently. */
async function timeZoneRisks(session: Session, scope: PgScope): Promise<ScopeRisk[]> {
  const told = scope.members.some(
    ({ shape, columns }) =>
      ["distributed", "reference"].includes(shape.kind) &&
      columns.some(({ baseType }) => /^_?timestamptz$/.test(baseType)),
  );
  if (!told) return [];
  const nodes = orElse(await attempt(session, () => session.query(TIME_ZONES_SQL)), []);
  return notUtc(nodes).map((details) => ({
    severity: "stop",
    key: "citusTimeZone",
    details,
    fix: TIME_ZONE_FIX,
  }));
}

const TIME_ZONE_FIX = [
  "SELECT run_command_on_workers('ALTER SYSTEM SET timezone TO UTC');",
  "SELECT run_command_on_workers('SELECT pg_reload_conf()');",
];

async function hypertableRisks(session: Session, scope: PgScope, member: PgMember): Promise<ScopeRisk[]> {
  const { schema, name } = member.table;
  const chunks = orElse(await attempt(session, () => session.query(CHUNKS_SQL, [schema, name])), []);
  const jobs = orElse(await attempt(session, () => session.query(JOBS_SQL)), []);
  return [
    ...compressedRisks(fullName(member), scope, chunks),
    ...retentionOf(jobs, member.table).map(({ after }) => ({
      severity: "warn" as const,
      key: "retentionPolicy",
      details: { table: fullName(member), after },
    })),
  ];
}

/** Rows of compressed chunks: changed one by one only by newer versions, which unpack what they touch. */
export function compressedRisks(
  table: string,
  scope: Pick<PgScope, "fromUs" | "untilUs">,
  chunks: readonly Row[],
): ScopeRisk[] {
  const inside = chunks.filter(({ compressed, start, end, numbered }) => {
    if (compressed !== "true") return false;
    // Cut by a number that is no time: any chunk may hold rows of the range.
    if (numbered === "true") return true;
    if (scope.untilUs !== null && start != null && BigInt(start) >= scope.untilUs) return false;
    return scope.fromUs === null || end == null || BigInt(end) > scope.fromUs;
  });
  if (inside.length === 0) return [];
  return [{ severity: "warn", key: "compressedChunks", details: { table, chunks: inside.length } }];
}

/** Columnar storage of Citus takes neither UPDATE nor DELETE: a copy could be made, and the rows would never leave. */
export const columnarRisks = (scope: Pick<PgScope, "members">, what: What): ScopeRisk[] =>
  what === "restore" || what === "export"
    ? []
    : scope.members
        .filter(({ shape }) => shape.kind === "columnar")
        .map((member) => ({ severity: "stop", key: "columnarTable", details: { table: fullName(member) } }));

/** A family is deleted and moved by joins with its root: they work only where both lie together. */
export function colocationRisks(
  scope: Pick<PgScope, "members">,
  tables: readonly (Row | undefined)[],
): ScopeRisk[] {
  return scope.members.flatMap((member, at): ScopeRisk[] => {
    const parent = member.via ? scope.members[member.via.member] : undefined;
    const mine = tables[at];
    const theirs = member.via ? tables[member.via.member] : undefined;
    if (!member.via || !parent || (!mine && !theirs)) return [];
    if (mine?.type === "reference" || theirs?.type === "reference") return [];
    const together = mine !== undefined && theirs !== undefined && areColocated(mine, theirs);
    const byLink = mine?.column === member.via.column && theirs?.column === member.via.parentColumn;
    if (together && byLink) return [];
    const details = { table: fullName(member), parent: fullName(parent), column: member.via.column };
    return [{ severity: "stop", key: "citusNotColocated", details }];
  });
}
