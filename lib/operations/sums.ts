import { z } from "zod";
import type { ProofLine } from "@/lib/schemas/operation";
import { type DigestSum, digestFromHex, digestHex, emptyDigest, joinDigests } from "@/lib/stores/digest";

/** A DigestSum as cursors keep it: big figures as strings. */
export const sumSchema = z.object({ rows: z.string(), hex: z.string() });
export type StoredSum = z.infer<typeof sumSchema>;

export const storeSum = (sum: DigestSum): StoredSum => ({
  rows: sum.rowCount.toString(),
  hex: digestHex(sum),
});
export const loadSum = (sum: StoredSum): DigestSum => digestFromHex(BigInt(sum.rows), sum.hex);

export const noSums = (count: number): StoredSum[] =>
  Array.from({ length: count }, () => storeSum(emptyDigest()));

/** Member by member. */
export const joinSums = (stored: readonly StoredSum[], added: readonly DigestSum[]): StoredSum[] =>
  stored.map((sum, member) => storeSum(joinDigests(loadSum(sum), added[member] ?? emptyDigest())));

/** What is left of `whole` without `part`: sums are modular, so what was added can be taken away again. */
export function withoutSum(whole: DigestSum, part: DigestSum): DigestSum {
  return {
    rowCount: whole.rowCount - part.rowCount,
    high: BigInt.asUintN(64, whole.high - part.high),
    low: BigInt.asUintN(64, whole.low - part.low),
  };
}

export const totalRows = (sums: readonly StoredSum[]): bigint =>
  sums.reduce((total, sum) => total + BigInt(sum.rows), 0n);

export const sameSum = (a: DigestSum, b: DigestSum): boolean =>
  a.rowCount === b.rowCount && a.high === b.high && a.low === b.low;

export function proofLine(name: string, source: DigestSum, target: DigestSum): ProofLine {
  return {
    name,
    rows: { source: source.rowCount.toString(), target: target.rowCount.toString() },
    digest: { source: digestHex(source), target: digestHex(target) },
    equal: sameSum(source, target),
  };
}
