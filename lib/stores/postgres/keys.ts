import type { RowKey } from "@/lib/stores/batch";
import { textArray } from "@/lib/stores/postgres/arrays";
import { type PgColumn, textExpression } from "@/lib/stores/postgres/mapper";
import { col, ident, literal, type parameters } from "@/lib/stores/postgres/sql";

type Parameters = ReturnType<typeof parameters>;

/** Name of the n-th key column of a key list. */
const keyName = (at: number): string => `k${at}`;

/** Keys as a table `u (k0, k1, …, ord)`, ord from 1, their values cast to the key's types. Also other columns. */
export function keyTable(
  key: readonly PgColumn[],
  keys: readonly RowKey[],
  values: Parameters,
  others: readonly { name: string; sql: string }[] = [],
): string {
  const arrays = key.map(
    (_, at) => `${values.binary(textArray(keys.map((one) => one[at] ?? null)))}::text[]`,
  );
  const names = [...key.map((_, at) => `x${at}`), ...others.map((other) => other.name), "ord"];
  const cast = key.map((column, at) => `s.x${at}::${column.castType} AS ${keyName(at)}`);
  const rest = [...others.map((other) => `s.${other.name}`), "s.ord::int AS ord"];
  return `(SELECT ${[...cast, ...rest].join(", ")} FROM unnest(${[...arrays, ...others.map((other) => other.sql)].join(", ")}) WITH ORDINALITY AS s(${names.join(", ")})) u`;
}

/** The same as literals, for statements that take no parameters. */
export function keyLiterals(key: readonly PgColumn[], keys: readonly RowKey[]): string {
  const rows = keys.map((one) => `(${key.map((_, at) => literal(one[at] ?? "")).join(", ")})`);
  const cast = key.map((column, at) => `s.x${at}::${column.castType} AS ${keyName(at)}`);
  return `(SELECT DISTINCT ${cast.join(", ")} FROM (VALUES ${rows.join(", ")}) s(${key.map((_, at) => `x${at}`).join(", ")})) u`;
}

/** `r."id" = u.k0 AND …` */
export const joinKeys = (key: readonly PgColumn[], alias: string, list: string): string =>
  key.map((column, at) => `${col(alias, column.name)} = ${list}.${keyName(at)}`).join(" AND ");

/** The key of a row in text form, one output column per key column: `k0`, `k1`, … */
export const keyOutputs = (key: readonly PgColumn[], alias: string): string =>
  key.map((column, at) => `${textExpression(column, col(alias, column.name))} AS ${keyName(at)}`).join(", ");

export const keyOf = (key: readonly PgColumn[], row: Record<string, string | null>): RowKey =>
  key.map((_, at) => row[keyName(at)] ?? "");

/** One string per key, for maps. */
export const keyId = (key: RowKey): string => (key.length === 1 ? (key[0] ?? "") : JSON.stringify(key));

export const conflictTarget = (key: readonly PgColumn[]): string =>
  key.map((column) => ident(column.name)).join(", ");
