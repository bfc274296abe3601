import type { TableRef } from "@/lib/stores/table";

/** Identifiers are always quoted, whatever they hold. */
export const ident = (name: string): string => `\`${name.replaceAll("`", "``")}\``;

export const tableName = (ref: TableRef): string => `${ident(ref.schema)}.${ident(ref.name)}`;

/** A column of the row that goes by `alias`. */
export const col = (alias: string, column: string): string => `${alias}.${ident(column)}`;

/**
 * A string as a literal: the one place where values become SQL. Sound because every session is pinned to utf8mb4 and
 * to a sql_mode with backslash escapes (client.ts). Values go as literals and not as parameters of the binary
 * protocol, which would round FLOAT and reformat times.
 */
export const literal = (text: string): string =>
  `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'").replaceAll("\0", "\\0")}'`;

export const bytesLiteral = (bytes: Uint8Array): string =>
  `x'${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex")}'`;

/** More rows than any table has: a LIMIT that keeps a subquery from being merged into the query around it. */
export const NO_LIMIT = "18446744073709551615";

/** Built while rows are read and written; the server refuses where it cannot, instead of locking. */
export const createIndexSql = (table: TableRef, columns: readonly string[]): string =>
  `CREATE INDEX ${ident(`strata_${columns[0] ?? ""}`.slice(0, 64))} ON ${tableName(table)} (${columns.map(ident).join(", ")}) ALGORITHM = INPLACE LOCK = NONE`;
