import { type DigestSum, digestFromSums } from "@/lib/stores/digest";
import type { Row } from "@/lib/stores/postgres/client";
import { type PgColumn, textExpression } from "@/lib/stores/postgres/mapper";
import { col } from "@/lib/stores/postgres/sql";

/** Characters of a uuid in text form: saves casting it twice. */
const UUID_LENGTH = 36;

/** `<byte length>:<text form>` of a column, `:` for NULL. */
function columnSql(alias: string, column: PgColumn): string {
  const text = textExpression(column, col(alias, column.name));
  const content =
    column.baseType === "uuid" ? `'${UUID_LENGTH}:'||${text}` : `octet_length(${text})||':'||${text}`;
  return column.nullable ? `coalesce(${content},':')` : content;
}

/**
 * Joins the parts pairwise: every byte is copied log₂(columns) times, whatever stands behind a large value.
 * Measured on rows of 2 KB: 6.0 µs a row with md5, against 8.6 µs with concat(), which goes through C strings.
 */
function joined(parts: readonly string[]): string {
  if (parts.length <= 1) return parts[0] ?? "''";
  const middle = Math.ceil(parts.length / 2);
  return `(${joined(parts.slice(0, middle))}||${joined(parts.slice(middle))})`;
}

/** The content digest of a row (stores/digest.ts) as 32 hex digits. */
export const digestHexSql = (alias: string, columns: readonly PgColumn[]): string =>
  `md5(${joined(columns.map((column) => columnSql(alias, column)))})`;

/** The same as a uuid: 16 bytes on the wire, cheap to compare. */
export const digestSql = (alias: string, columns: readonly PgColumn[]): string =>
  `${digestHexSql(alias, columns)}::uuid`;

/** Aggregates over rows that carry a digest in hex: their number, and the sums of both halves. */
export const digestSums = (hex: string): { name: "rows" | "high" | "low"; sql: string }[] => [
  { name: "rows", sql: "count(*)::text" },
  { name: "high", sql: `coalesce(sum(${half("left", hex)}), 0)::text` },
  { name: "low", sql: `coalesce(sum(${half("right", hex)}), 0)::text` },
];

// bit(64) reads sixteen hex digits as a signed bigint.
const half = (side: "left" | "right", hex: string): string => `('x'||${side}(${hex},16))::bit(64)::bigint`;

export const sumOf = (row: Row | undefined, prefix = ""): DigestSum =>
  digestFromSums(
    BigInt(row?.[`${prefix}rows`] ?? 0),
    BigInt(row?.[`${prefix}high`] ?? 0),
    BigInt(row?.[`${prefix}low`] ?? 0),
  );
