import pg from "pg";
import type { TableRef } from "@/lib/stores/table";

/** Identifiers are always quoted, whatever they hold. */
export const ident = (name: string): string => pg.escapeIdentifier(name);

export const tableName = (ref: TableRef): string => `${ident(ref.schema)}.${ident(ref.name)}`;

/** For statements that take no parameters (COPY, DDL). Needs standard_conforming_strings, which we pin. */
export const literal = (text: string): string => pg.escapeLiteral(text);

/** A column of the row that goes by `alias`. */
export const col = (alias: string, column: string): string => `${alias}.${ident(column)}`;

/** Where values go: as `$n` into a parameter list, or, for COPY, as quoted literals. One audited place. */
export interface Values {
  text(value: string): string;
  readonly params: readonly (string | Buffer | null)[];
}

export function parameters(): Values & { binary(value: Buffer): string } {
  const params: (string | Buffer | null)[] = [];
  const add = (value: string | Buffer) => `$${params.push(value)}`;
  return { params, text: add, binary: add };
}

export const literals = (): Values => ({ params: [], text: literal });

export const createIndexSql = (table: TableRef, columns: readonly string[]): string =>
  `CREATE INDEX CONCURRENTLY ON ${tableName(table)} (${columns.map(ident).join(", ")})`;
