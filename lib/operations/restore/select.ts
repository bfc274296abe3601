import { rootsOf } from "@/lib/operations/archive/cold/key-table";
import type { Conflict, Slice } from "@/lib/operations/restore/slice";
import { keyId } from "@/lib/segments/read";
import type { FamilyScope, RowAccess } from "@/lib/stores/rows";
import { vectorText } from "@/lib/stores/text-form";

const FIND_KEYS = 1_000;

export interface Selection {
  /** Per member: positions of the rows to restore. */
  rows: Set<number>[];
  conflicts: Conflict[];
}

/**
 * The families that are asked for and can come back whole. One of which any row is hot already with other content
 * stays where it is: every such row is named as a conflict.
 */
export async function selectRows(
  slice: Slice,
  hot: FamilyScope,
  rows: RowAccess,
  signal: AbortSignal,
): Promise<Selection> {
  const roots = rootsOf(hot, slice.tables);
  const wanted = new Set(slice.wanted);
  const chosen = roots.map((rootOf, member) =>
    positionsOf(rootOf, wanted, slice.absent[member] ?? new Set()),
  );
  const conflicts: Conflict[] = [];
  const blocked = new Set<number>();
  for (const member of hot.members.keys()) {
    for (const position of await differing(slice, hot, rows, member, chosen[member] ?? [], signal)) {
      conflicts.push({ member, key: slice.tables[member]?.keys[position] ?? [], reason: "differentContent" });
      blocked.add(roots[member]?.[position] ?? -1);
    }
  }
  return {
    conflicts,
    rows: chosen.map(
      (positions, member) => new Set(positions.filter((at) => !blocked.has(roots[member]?.[at] ?? -1))),
    ),
  };
}

function positionsOf(rootOf: Int32Array, wanted: ReadonlySet<number>, absent: ReadonlySet<number>): number[] {
  const positions: number[] = [];
  rootOf.forEach((root, at) => {
    if (wanted.has(root) && !absent.has(at)) positions.push(at);
  });
  return positions;
}

/** Rows whose key is hot with another digest. */
async function differing(
  slice: Slice,
  hot: FamilyScope,
  rows: RowAccess,
  member: number,
  positions: readonly number[],
  signal: AbortSignal,
): Promise<number[]> {
  const one = hot.members[member];
  const table = slice.tables[member];
  if (!one || !table) return [];
  const found: number[] = [];
  for (let from = 0; from < positions.length; from += FIND_KEYS) {
    const part = positions.slice(from, from + FIND_KEYS);
    const batch = await rows.find(
      table.layout ? { ...one, layout: table.layout } : one,
      part.map((at) => table.keys[at] ?? []),
      signal,
    );
    const columns = one.key.map((name) => batch.vectors.find((vector) => vector.name === name));
    const there = new Map<string, Uint8Array>();
    for (let row = 0; row < batch.rowCount; row += 1) {
      const key = columns.map((column) => (column ? (vectorText(column, row) ?? "") : ""));
      there.set(keyId(key), batch.digests[row] ?? new Uint8Array());
    }
    for (const at of part) {
      const digest = there.get(keyId(table.keys[at] ?? []));
      if (digest && !Buffer.from(digest).equals(table.digests[at] ?? new Uint8Array())) found.push(at);
    }
  }
  return found;
}
