interface TierCounts {
  leavesBy: "delete" | "expiry";
  hot: { rowCount: number | null } | null;
  archive: { rowCount: number | null } | null;
  cold: { rowCount: number };
}

/**
 * Rows of a dataset over its tiers; null when none is known. Where rows leave by expiry, what is cold is hot too until
 * the store drops it: the larger of the two is the least there can be, their sum would count rows twice.
 */
export function tierRows({ leavesBy, hot, archive, cold }: TierCounts): number | null {
  const known = [hot?.rowCount ?? null, archive?.rowCount ?? null, cold.rowCount || null].filter(
    (rows) => rows !== null,
  );
  if (known.length === 0) return null;
  return leavesBy === "expiry" ? Math.max(...known) : known.reduce((total, rows) => total + rows, 0);
}
