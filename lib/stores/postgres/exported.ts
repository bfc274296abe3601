import type { RowKey } from "@/lib/stores/batch";
import type { PgScope } from "@/lib/stores/postgres/shapes";
import type { ExportedRows } from "@/lib/stores/rows";

/** What was exported of one member, its parts joined. */
export interface Exported {
  keys: RowKey[];
  digests: Uint8Array[];
  versions: { origin: string; rows: string[] } | null;
}

/** The parts of each member as one. */
export function joinParts(scope: PgScope, parts: readonly ExportedRows[]): Exported[] {
  const joined: Exported[] = scope.members.map(() => ({
    keys: [],
    digests: [],
    versions: null,
  }));
  for (const part of parts) {
    const into = joined[part.member];
    if (!into) throw new RangeError(`The family has no member ${part.member}`);
    joinVersions(into, part);
    for (const key of part.keys) into.keys.push(key);
    for (const digest of part.digests) into.digests.push(digest);
  }
  return joined;
}

/** What is left of a member when the rows at some positions are gone. */
export function without({ keys, digests, versions }: Exported, gone: ReadonlySet<number>): Exported {
  const left = <T>(all: readonly T[]): T[] => all.filter((_, at) => !gone.has(at));
  const rows = versions && { origin: versions.origin, rows: left(versions.rows) };
  return { keys: left(keys), digests: left(digests), versions: rows };
}

/** Of one origin and for every row, or none. */
function joinVersions(into: Exported, { keys, versions }: ExportedRows): void {
  const whole = versions?.rows.length === keys.length ? versions : null;
  if (into.keys.length === 0 && whole) into.versions = { origin: whole.origin, rows: [] };
  if (!into.versions || keys.length === 0) return;
  if (whole?.origin !== into.versions.origin) into.versions = null;
  else for (const version of whole.rows) into.versions.rows.push(version);
}
