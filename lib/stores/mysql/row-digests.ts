import type { RowKey } from "@/lib/stores/batch";
import { BatchBuilder, selectList } from "@/lib/stores/mysql/batch-builder";
import type { Session } from "@/lib/stores/mysql/client";
import { digestHexSql } from "@/lib/stores/mysql/digest-sql";
import { type MyColumn, textSql } from "@/lib/stores/mysql/mapper";
import { chunks, KEYS_PER_LIST, keyedTable, keyId, keysCondition } from "@/lib/stores/mysql/scope-sql";
import type { MyMember } from "@/lib/stores/mysql/shapes";
import { col } from "@/lib/stores/mysql/sql";

/** Key of a row (see `keyId`) → its digest in hex. */
export type DigestsByKey = Map<string, string>;

const LOCKS = { none: "", wait: " FOR UPDATE", skip: " FOR UPDATE SKIP LOCKED" } as const;

/** Digests of the rows with these keys, over the given columns; missing ones are left out, as are locked ones with `skip`. */
export async function digestsByKey(
  session: Session,
  member: MyMember,
  columns: readonly MyColumn[],
  keys: readonly RowKey[],
  lock: keyof typeof LOCKS,
): Promise<DigestsByKey> {
  const found: DigestsByKey = new Map();
  for (const part of chunks(keys, KEYS_PER_LIST)) {
    const rows = await session.query(
      `SELECT ${keyOutputs(member, "r")}, ${digestHexSql("r", columns)} AS digest FROM ${keyedTable(member, "r")} WHERE ${keysCondition(member.key, part, "r")}${LOCKS[lock]}`,
    );
    for (const row of rows) {
      const key = keyOf(member, row);
      found.set(keyId(key), row.digest ?? (await digestOf(session, member, columns, key)));
    }
  }
  return found;
}

/** Of a row that is too long for the server to put together: it is fetched, and digested here. */
export async function digestOf(
  session: Session,
  member: MyMember,
  columns: readonly MyColumn[],
  key: RowKey,
): Promise<string> {
  const layout = { columns, cursor: [], digests: true };
  const builder = new BatchBuilder(layout, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY);
  const rows = await session.raw(
    `SELECT ${selectList(layout, "r")} FROM ${keyedTable(member, "r")} WHERE ${keysCondition(member.key, [key], "r")}`,
  );
  for (const row of rows) builder.add(row);
  const [digest] = builder.finish()?.digests ?? [];
  return Buffer.from(digest ?? []).toString("hex");
}

/** Which of these keys are there. */
export async function existingKeys(
  session: Session,
  member: MyMember,
  keys: readonly RowKey[],
): Promise<Set<string>> {
  const found = new Set<string>();
  for (const part of chunks(keys, KEYS_PER_LIST)) {
    const rows = await session.query(
      `SELECT ${keyOutputs(member, "r")} FROM ${keyedTable(member, "r")} WHERE ${keysCondition(member.key, part, "r")}`,
    );
    for (const row of rows) found.add(keyId(keyOf(member, row)));
  }
  return found;
}

/** The key of a row in text form, one output column per key column: `k0`, `k1`, … */
export const keyOutputs = (member: Pick<MyMember, "key">, alias: string, prefix = "k"): string =>
  member.key.map((column, at) => `${textSql(column, col(alias, column.name))} AS ${prefix}${at}`).join(", ");

export const keyOf = (
  member: Pick<MyMember, "key">,
  row: Record<string, string | null>,
  prefix = "k",
): RowKey => member.key.map((_, at) => row[`${prefix}${at}`] ?? "");
