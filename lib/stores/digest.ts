/**
 * The content digest of a row: md5 over, for each column in table order, `<byte length>:<text form>`; NULL is
 * `:`. The text form is the database's own (PostgreSQL with DateStyle ISO, TimeZone UTC, extra_float_digits 1,
 * IntervalStyle postgres, bytea_output hex) as a cast to text gives it (`true`, not `t`); float4 is widened to
 * float8 first. Every side that holds the row can compute it: the source, the archive table, DuckDB over a
 * segment.
 *
 * The digest of a set of rows does not depend on their order: the digests are taken as two unsigned 64-bit
 * halves (first and last 8 bytes, big endian), each half is summed modulo 2^64; 32 hex digits.
 */
export interface DigestSum {
  rowCount: bigint;
  high: bigint;
  low: bigint;
}

const MASK = (1n << 64n) - 1n;

export const emptyDigest = (): DigestSum => ({ rowCount: 0n, high: 0n, low: 0n });

export function addDigest(sum: DigestSum, digest: Uint8Array): DigestSum {
  const view = new DataView(digest.buffer, digest.byteOffset, 16);
  return {
    rowCount: sum.rowCount + 1n,
    high: (sum.high + view.getBigUint64(0)) & MASK,
    low: (sum.low + view.getBigUint64(8)) & MASK,
  };
}

export function addDigests(sum: DigestSum, digests: Iterable<Uint8Array>): DigestSum {
  let { rowCount, high, low } = sum;
  for (const digest of digests) {
    const view = new DataView(digest.buffer, digest.byteOffset, 16);
    rowCount += 1n;
    high += view.getBigUint64(0);
    low += view.getBigUint64(8);
  }
  return { rowCount, high: high & MASK, low: low & MASK };
}

export const joinDigests = (a: DigestSum, b: DigestSum): DigestSum => ({
  rowCount: a.rowCount + b.rowCount,
  high: (a.high + b.high) & MASK,
  low: (a.low + b.low) & MASK,
});

/** From a database's `sum()` over the halves, signed or unsigned, any magnitude. */
export const digestFromSums = (rowCount: bigint, high: bigint, low: bigint): DigestSum => ({
  rowCount,
  high: BigInt.asUintN(64, high),
  low: BigInt.asUintN(64, low),
});

/** 32 hex digits, the form shown in a proof and kept in a manifest. */
export const digestHex = (sum: DigestSum): string =>
  sum.high.toString(16).padStart(16, "0") + sum.low.toString(16).padStart(16, "0");

export const digestFromHex = (rowCount: bigint, hex: string): DigestSum => ({
  rowCount,
  high: BigInt(`0x${hex.slice(0, 16)}`),
  low: BigInt(`0x${hex.slice(16, 32)}`),
});
