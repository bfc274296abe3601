import type { RowVersions } from "@/lib/stores/batch";
import type { Session } from "@/lib/stores/postgres/client";
import type { PgColumn } from "@/lib/stores/postgres/mapper";
import type { PgMember } from "@/lib/stores/postgres/shapes";

/**
 * Tells an unchanged row by its `xmin` instead of computing its digest again. What is known at export goes as
 * `origin` with the rows; every row that is not proved unchanged by it is compared by its digest as before.
 *
 * Why a row of the same key and the same xmin is the exported row:
 * - Whatever changes a row writes a new tuple, whose xmin is the number of the transaction that wrote it. A row that
 *   was visible to the export was written by a transaction that had ended: that one cannot write again. A lock on a row
 *   changes xmax alone; freezing and VACUUM FULL keep xmin (since 9.4); a rewrite by ALTER TABLE gives a new one.
 * - Numbers are 32 bits on the row and come round, and a frozen row keeps a number of an earlier round: a new
 *   transaction may get the very same. So it is not enough that both moments are close. All that can have changed
 *   the row since has a number in [base, next), `next` being the next number at the deletion: a row whose own number
 *   lies there (and a billion beyond: what may start while we look) is not told by it.
 * - `base` is the oldest transaction that was running, or the next number at the last checkpoint if that is less. A
 *   crash forgets commits that were not flushed yet and gives their numbers out again, but none below the latter.
 * - Another server has other numbers, and so may this one when it was brought back from an image, or a standby that was
 *   promoted: the server's identifier and the start of its postmaster are compared. Hence a checkpoint or a restart
 *   of the worker may simply forget versions.
 * - What is read may change without a write: a column that is added with a default, a renamed enum label, an
 *   expression of a virtual column. The table's columns are compared, and only tables of types whose text form
 *   depends on nothing else have versions at all.
 * - Foreign tables say 0, rows frozen before 9.4 say 2: numbers below 3 tell nothing. Other kinds of storage may know
 *   no xmin: a table takes part only where all of it is plain heap.
 * - One transaction may have written two rows of one key: to two tables, of which one is detached as a partition and
 *   the other one attached, or where no unique index forbids it. The parts a table consists of are compared, and
 *   without such an index on the key there are no versions.
 */
const FIRST_NORMAL_XID = 3;
const ROUND = 2 ** 32;
const MARGIN = 2 ** 30;

/** Types whose text form depends on the value and on settings that every session of ours pins. */
const STABLE_TYPES: ReadonlySet<string> = new Set(
  `int2 int4 int8 float4 float8 numeric money bool text varchar bpchar name bytea uuid json jsonb xml date time timetz
   timestamp timestamptz interval inet cidr macaddr macaddr8 bit varbit oid point line lseg box path polygon circle
   int4range int8range numrange daterange tsrange tstzrange tsvector`.split(/\s+/),
);

export const hasStableText = (columns: readonly PgColumn[]): boolean =>
  columns.every(
    ({ baseType, generated }) => STABLE_TYPES.has(baseType.replace(/^_/, "")) && generated !== "stored",
  );

const hasUniqueKey = ({ shape, key }: PgMember): boolean =>
  shape.key?.every((column) => key.some(({ name }) => name === column)) ?? false;

/** What versions hold for: equal at export and at deletion, or they say nothing. */
const IDENTITY_SQL = `
  WITH RECURSIVE parts AS (
    SELECT c.oid, c.relkind, c.relam FROM pg_class c WHERE c.oid = $1::oid
    UNION ALL
    SELECT c.oid, c.relkind, c.relam FROM parts p JOIN pg_inherits i ON i.inhparent = p.oid JOIN pg_class c ON c.oid = i.inhrelid
     WHERE p.relkind = 'p')
  SELECT (bool_and(p.relkind = 'p' OR p.relkind = 'r' AND m.amname = 'heap' AND NOT EXISTS (SELECT FROM pg_inherits i WHERE i.inhparent = p.oid))
          AND NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'citus')
          AND has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE')
          AND has_function_privilege('pg_catalog.pg_control_checkpoint()', 'EXECUTE')
          AND NOT pg_is_in_recovery())::text AS usable,
         concat_ws('/', pg_postmaster_start_time(), (SELECT oid FROM pg_database WHERE datname = current_database()), $1::text,
           (SELECT md5(string_agg(concat_ws(':', a.attnum, a.attname, a.atttypid, a.atttypmod, a.attgenerated), ',' ORDER BY a.attnum))
              FROM pg_attribute a WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped),
           md5(string_agg(p.oid::text, ',' ORDER BY p.oid))) AS place
    FROM parts p LEFT JOIN pg_am m ON m.oid = p.relam`;

const NUMBERS_SQL = `
  SELECT s.system_identifier::text AS server, c.next_xid AS checkpoint,
         pg_snapshot_xmin(pg_current_snapshot())::text AS oldest, pg_snapshot_xmax(pg_current_snapshot())::text AS next
    FROM pg_control_system() s, pg_control_checkpoint() c`;

interface Moment {
  place: string;
  base: bigint;
  next: bigint;
}

/** Null: this table's rows have no versions that can be relied on. */
async function momentOf(session: Session, member: PgMember): Promise<Moment | null> {
  if (!hasStableText(member.columns) || !hasUniqueKey(member)) return null;
  const [identity] = await session.query(IDENTITY_SQL, [member.shape.oid]);
  if (identity?.usable !== "true") return null;
  const [row] = await session.query(NUMBERS_SQL);
  if (!row?.server || !row.oldest || !row.next || !row.checkpoint) return null;
  const [epoch, xid] = row.checkpoint.split(":");
  const checkpoint = (BigInt(epoch ?? 0) << 32n) + BigInt(xid ?? 0);
  const oldest = BigInt(row.oldest);
  return {
    place: `${row.server}/${identity.place}`,
    base: checkpoint < oldest ? checkpoint : oldest,
    next: BigInt(row.next),
  };
}

/** To be asked before the rows are read, in the transaction that reads them. Null: do not fetch xmin. */
export async function versionsOrigin(session: Session, member: PgMember): Promise<string | null> {
  const moment = await momentOf(session, member);
  return moment && `${moment.place} ${moment.base}`;
}

/**
 * The xmin by which each exported row can be told to be unchanged, null where only its digest can. To be asked in the
 * transaction that deletes, when the table cannot be altered any more. Null: no row has one.
 */
export async function trustedXids(
  session: Session,
  member: PgMember,
  versions: RowVersions | null,
): Promise<(number | null)[] | null> {
  if (!versions) return null;
  const cut = versions.origin.lastIndexOf(" ");
  const moment = await momentOf(session, member);
  if (!moment || versions.origin.slice(0, cut) !== moment.place) return null;
  const base = BigInt(versions.origin.slice(cut + 1));
  const tells = xidTells(base, moment.next);
  const xids = versions.rows.map((text) => (tells(Number(text)) ? Number(text) : null));
  return xids.some((xid) => xid !== null) ? xids : null;
}

/**
 * To be asked when the rows were locked and compared: a table that began to inherit from this one after
 * `trustedXids` was asked brought rows of its own. From here on it cannot leave again unseen, as its rows are locked.
 */
export async function stillInPlace(session: Session, member: PgMember, origin: string): Promise<boolean> {
  const moment = await momentOf(session, member);
  return moment !== null && origin.slice(0, origin.lastIndexOf(" ")) === moment.place;
}

/** Whether no transaction of [base, next), nor one soon after, can have the number a row carries. */
export function xidTells(base: bigint, next: bigint): (xid: number) => boolean {
  const span = Number(next - base) + MARGIN;
  const from = Number(base % BigInt(ROUND));
  return (xid) =>
    Number.isInteger(xid) && xid >= FIRST_NORMAL_XID && next >= base && (xid - from + ROUND) % ROUND >= span;
}
