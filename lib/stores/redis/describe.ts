import type { Session } from "@/lib/stores/redis/client";
import { AT, ID, isColumnName, shapeOf } from "@/lib/stores/redis/mapper";
import { exactText } from "@/lib/stores/redis/reply";
import { fieldNames, type Home, homeOf } from "@/lib/stores/redis/streams";
import type { IndexShape, TableRef, TableShape } from "@/lib/stores/table";

/** Entries whose fields become columns, and the most columns. */
const SAMPLE_ENTRIES = 200;
export const MOST_COLUMNS = 2_000;

/** Ids are the order a stream is kept in: a range of times is found without looking at the rest. */
export const ID_INDEX: IndexShape = {
  name: "ids",
  columns: [AT, ID],
  unique: true,
  primary: true,
  valid: true,
  method: "stream",
  definition: "the order of the entries' ids",
  sizeBytes: 0,
  scans: null,
};

export const columnNames = (fields: readonly Buffer[]): string[] =>
  fields
    .flatMap((field) => {
      const name = exactText(field);
      return name !== null && isColumnName(name) ? [name] : [];
    })
    .slice(0, MOST_COLUMNS);

/**
 * A stream as a table: its columns are the fields of its newest entries. A stream has no schema, and `_extra` holds
 * what no column does, so a row is whole whatever the columns are: the fingerprint does not tell them apart.
 */
export async function describeStream(session: Session, ref: TableRef): Promise<TableShape> {
  const home = await homeOf(session, ref);
  return {
    ref,
    kind: "stream",
    columns: shapeOf(columnNames(await fieldsOf(session, home))),
    key: [ID],
    indexes: [ID_INDEX],
    triggers: [],
    incoming: [],
    outgoing: [],
    rowSecurity: false,
    fingerprint: "redis stream 1",
  };
}

/** A stream of which all was archived still has the columns of what was restored from there. */
async function fieldsOf(session: Session, home: Home): Promise<Buffer[]> {
  const own = await fieldNames(session, home.main, SAMPLE_ENTRIES);
  if (own.length > 0 || !home.hasRestored) return own;
  return fieldNames(session, home.restored, SAMPLE_ENTRIES);
}

/** The columns a member is read with: those it names, with all that an entry is, or all there are. */
export async function columnsOf(
  session: Session,
  member: { table: TableRef; columns: readonly string[] },
): Promise<string[]> {
  if (member.columns.length > 0) return [...member.columns];
  return (await describeStream(session, member.table)).columns.map(({ name }) => name);
}
