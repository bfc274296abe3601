import { type DigestSum, digestFromSums } from "@/lib/stores/digest";
import type { Row } from "@/lib/stores/postgres/client";
import { type PgColumn, textExpression } from "@/lib/stores/postgres/mapper";
import { col } from "@/lib/stores/postgres/sql";

/** A function takes at most 100 arguments (FUNC_MAX_ARGS); each column needs three. */
const COLUMNS_PER_CONCAT = 33;

/** `<byte length>:<text form>` of every column, `:` for NULL. */
function contentSql(alias: string, columns: readonly PgColumn[]): string {
  const parts: string[] = [];
  for (let from = 0; from < columns.length; from += COLUMNS_PER_CONCAT) {
    const args = columns.slice(from, from + COLUMNS_PER_CONCAT).flatMap((column) => {
      const text = textExpression(column, col(alias, column.name));
      return [`octet_length(${text})`, "':'", text];
    });
    parts.push(`concat(${args.join(",")})`);
  }
  return parts.length === 1 ? (parts[0] ?? "''") : `concat(${parts.join(",")})`;
}

/** The content digest of a row (stores/digest.ts) as a uuid: 16 bytes on the wire, cheap to compare. */
export const digestSql = (alias: string, columns: readonly PgColumn[]): string =>
  columns.length === 0 ? "md5('')::uuid" : `md5(${contentSql(alias, columns)})::uuid`;

/** Aggregates over rows that carry a digest: their number, and the sums of both halves. */
export const digestSums = (digest: string): { name: "rows" | "high" | "low"; sql: string }[] => [
  { name: "rows", sql: "count(*)::text" },
  { name: "high", sql: `coalesce(sum(${half(digest, 1)}), 0)::text` },
  { name: "low", sql: `coalesce(sum(${half(digest, 17)}), 0)::text` },
];

// The hex digits of a uuid without its dashes; bit(64) reads sixteen of them as a signed bigint.
const half = (digest: string, from: number): string =>
  `('x'||substr(replace(${digest}::text,'-',''),${from},16))::bit(64)::bigint`;

export const sumOf = (row: Row | undefined, prefix = ""): DigestSum =>
  digestFromSums(
    BigInt(row?.[`${prefix}rows`] ?? 0),
    BigInt(row?.[`${prefix}high`] ?? 0),
    BigInt(row?.[`${prefix}low`] ?? 0),
  );
