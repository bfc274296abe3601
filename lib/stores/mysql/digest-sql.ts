import { type DigestSum, digestFromSums } from "@/lib/stores/digest";
import type { Row } from "@/lib/stores/mysql/client";
import { type MyColumn, textSql } from "@/lib/stores/mysql/mapper";
import { col } from "@/lib/stores/mysql/sql";

/**
 * `<byte length>:<text form>` of a column, `:` for NULL; as arguments of the one CONCAT, in which every value is
 * copied once.
 */
function columnSql(alias: string, column: MyColumn): string {
  const value = col(alias, column.name);
  const text = textSql(column, value);
  const length = column.physical === "bytes" ? `LENGTH(${value}) * 2 + 2` : `LENGTH(${text})`;
  return column.nullable ? `IFNULL(${length}, ''), ':', IFNULL(${text}, '')` : `${length}, ':', ${text}`;
}

/**
 * The content digest of a row (stores/digest.ts) as 32 hex digits. NULL where a row is longer than
 * max_allowed_packet, which bounds every value that the server puts together.
 */
export const digestHexSql = (alias: string, columns: readonly MyColumn[]): string =>
  `MD5(CONCAT(${columns.map((column) => columnSql(alias, column)).join(", ") || "''"}))`;

/** Aggregates over rows that carry a digest in hex: their number, those without one, and the sums of both halves. */
export const digestSums = (hex: string, prefix = ""): string =>
  [
    `COUNT(*) AS ${prefix}n`,
    `COUNT(*) - COUNT(${hex}) AS ${prefix}none`,
    `SUM(CAST(CONV(LEFT(${hex}, 16), 16, 10) AS UNSIGNED)) AS ${prefix}high`,
    `SUM(CAST(CONV(RIGHT(${hex}, 16), 16, 10) AS UNSIGNED)) AS ${prefix}low`,
  ].join(", ");

export const sumOf = (row: Row | undefined, prefix = ""): DigestSum =>
  digestFromSums(
    BigInt(row?.[`${prefix}n`] ?? 0),
    BigInt(row?.[`${prefix}high`] ?? 0),
    BigInt(row?.[`${prefix}low`] ?? 0),
  );

/** Bytes of the values of a row as they lie, about. */
export function sizeSql(alias: string, columns: readonly MyColumn[]): string {
  const wide = columns.filter(({ physical }) => physical === "text" || physical === "bytes");
  const fixed = 20 + 8 * (columns.length - wide.length);
  return [String(fixed), ...wide.map(({ name }) => `IFNULL(LENGTH(${col(alias, name)}), 0)`)].join(" + ");
}
