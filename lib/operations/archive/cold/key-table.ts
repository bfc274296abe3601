import type { Batch, Layout, RowKey, Vector } from "@/lib/stores/batch";
import type { ExportedRows, FamilyMember, FamilyScope } from "@/lib/stores/rows";
import { vectorText } from "@/lib/stores/text-form";

const DIGEST_BYTES = 16;

/** What is kept in memory of an exported member: enough to delete its rows, in file order. */
export interface KeyTable {
  keys: RowKey[];
  digests: Uint8Array[];
  /** What the digests were taken over; null until it is known. */
  layout: Layout | null;
  /** Null: unknown, for all rows. */
  versions: { origin: string; rows: string[] } | null;
  /** Column → text per row: the columns through which the family hangs together. */
  links: Map<string, (string | null)[]>;
}

/** The columns of a member that lead to its parent or are led to by its children. */
export function linkColumns(members: readonly FamilyMember[], member: number): string[] {
  const up = members[member]?.via?.column;
  const down = members.filter(({ via }) => via?.member === member).map(({ via }) => via?.parentColumn ?? "");
  return [...new Set(up === undefined ? down : [up, ...down])];
}

export const emptyKeyTable = (columns: readonly string[], layout: Layout | null = null): KeyTable => ({
  keys: [],
  digests: [],
  layout,
  versions: null,
  links: new Map(columns.map((column) => [column, []])),
});

/** Adds a batch's keys, digests and links. Its vectors are the layout, unless the table was given one. */
export function addKeys(table: KeyTable, batch: Batch, keyColumns: readonly string[]): void {
  const named = (name: string): Vector => {
    const found = batch.vectors.find((vector) => vector.name === name);
    if (!found) throw new Error(`the rows came without their column ${name}`);
    return found;
  };
  const keys = keyColumns.map(named);
  const links = [...table.links].map(([column, values]) => ({ vector: named(column), values }));
  addVersions(table, batch);
  table.layout ??= batch.vectors.map(({ name, physical, sourceType }) => ({ name, physical, sourceType }));
  for (let row = 0; row < batch.rowCount; row += 1) {
    table.keys.push(keys.map((vector) => vectorText(vector, row) ?? ""));
    for (const { vector, values } of links) values.push(vectorText(vector, row));
  }
  // Copies, close together: a digest may be a view into the driver's large receive buffer, which must not live on.
  const copies = new Uint8Array(batch.rowCount * DIGEST_BYTES);
  for (const [row, digest] of batch.digests.entries()) {
    const at = row * DIGEST_BYTES;
    copies.set(digest, at);
    table.digests.push(copies.subarray(at, at + DIGEST_BYTES));
  }
}

/** Versions of all rows of one origin, or none: half of them would not be worth their bookkeeping. */
function addVersions(table: KeyTable, { versions }: Batch): void {
  if (table.keys.length === 0 && versions) table.versions = { origin: versions.origin, rows: [] };
  if (!table.versions) return;
  if (versions?.origin !== table.versions.origin) table.versions = null;
  else for (const version of versions.rows) table.versions.rows.push(version);
}

/**
 * Cuts a family's exported rows into parts of at most so many root rows, each root with all that hangs on it. Rows
 * whose root was not exported (it came in between) and rows that `skip` names are in no part.
 */
export function* familyParts(
  scope: FamilyScope,
  tables: readonly KeyTable[],
  maxRoots: () => number,
  skip: readonly ReadonlySet<number>[],
): Generator<ExportedRows[]> {
  const roots = rootsOf(scope, tables);
  const orders = roots.map((rootOf, member) => sortedByRoot(rootOf, skip[member] ?? new Set()));
  const heads = orders.map(() => 0);
  const rootCount = tables[0]?.keys.length ?? 0;
  for (let from = 0; from < rootCount; ) {
    const until = Math.min(rootCount, from + Math.max(1, maxRoots()));
    yield tables.map((table, member) => {
      const rows: number[] = [];
      const order = orders[member] ?? [];
      let head = heads[member] ?? 0;
      for (; head < order.length && (roots[member]?.[order[head] ?? 0] ?? 0) < until; head += 1) {
        rows.push(order[head] ?? 0);
      }
      heads[member] = head;
      return pick(table, member, rows);
    });
    from = until;
  }
}

const pick = (table: KeyTable, member: number, rows: readonly number[]): ExportedRows => ({
  member,
  keys: rows.map((row) => table.keys[row] ?? []),
  digests: rows.map((row) => table.digests[row] ?? new Uint8Array(16)),
  ...(table.layout && { layout: table.layout }),
  ...(table.versions && {
    versions: {
      origin: table.versions.origin,
      rows: rows.map((row) => table.versions?.rows[row] ?? ""),
    },
  }),
});

/** Per member and row: the position of the root row it belongs to; -1 where that was not exported. */
export function rootsOf(scope: FamilyScope, tables: readonly KeyTable[]): Int32Array[] {
  const roots: Int32Array[] = [];
  scope.members.forEach(({ via }, member) => {
    const count = tables[member]?.keys.length ?? 0;
    if (!via) {
      roots.push(Int32Array.from({ length: count }, (_, row) => row));
      return;
    }
    const above = new Map<string, number>();
    tables[via.member]?.links.get(via.parentColumn)?.forEach((value, row) => {
      if (value !== null) above.set(value, roots[via.member]?.[row] ?? -1);
    });
    const links = tables[member]?.links.get(via.column) ?? [];
    roots.push(Int32Array.from(links, (value) => (value === null ? -1 : (above.get(value) ?? -1))));
  });
  return roots;
}

function sortedByRoot(rootOf: Int32Array, skip: ReadonlySet<number>): number[] {
  const rows: number[] = [];
  for (let row = 0; row < rootOf.length; row += 1)
    if ((rootOf[row] ?? -1) >= 0 && !skip.has(row)) rows.push(row);
  return rows.sort((a, b) => (rootOf[a] ?? 0) - (rootOf[b] ?? 0) || a - b);
}
