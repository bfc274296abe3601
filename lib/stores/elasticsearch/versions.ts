import type { EsTable } from "@/lib/stores/elasticsearch/catalogue";
import type { Hit } from "@/lib/stores/elasticsearch/hits";

/** What tells a version of a document from every other one, for all indices there ever are. */
export const versionOrigin = "elasticsearch seq_no";

export interface DocVersion {
  index: string;
  seqNo: string;
  primaryTerm: string;
  routing: string | null;
}

/** The index by its uuid: one that was deleted and made anew counts from zero again. */
export function versionOf(table: Pick<EsTable, "indices">, hit: Hit): string {
  const index = table.indices.find(({ name }) => name === hit.index);
  return JSON.stringify([
    index?.uuid ?? "",
    hit.seqNo,
    hit.primaryTerm,
    ...(hit.routing === null ? [] : [hit.routing]),
  ]);
}

/** Null: not known any more, so the content decides. */
export function parseVersion(table: Pick<EsTable, "indices">, text: string | undefined): DocVersion | null {
  if (!text) return null;
  const [uuid, seqNo, primaryTerm, routing] = JSON.parse(text) as string[];
  const index = table.indices.find((one) => one.uuid === uuid);
  return index && seqNo && primaryTerm
    ? { index: index.name, seqNo, primaryTerm, routing: routing ?? null }
    : null;
}
