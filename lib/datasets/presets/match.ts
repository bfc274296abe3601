import { auditEngine } from "@/lib/datasets/presets/audit-engine";
import { dify } from "@/lib/datasets/presets/dify";
import { difyLogstore } from "@/lib/datasets/presets/dify-logstore";
import { difySearch } from "@/lib/datasets/presets/dify-search";
import { esMetadata } from "@/lib/datasets/presets/es-metadata";
import { gateway } from "@/lib/datasets/presets/gateway";
import { newApi } from "@/lib/datasets/presets/new-api";
import type { Preset, PresetTable } from "@/lib/datasets/presets/preset";
import type { TableSummary } from "@/lib/stores/table";

const PRESETS: readonly Preset[] = [difyLogstore, dify, difySearch, newApi, gateway, auditEngine, esMetadata];

const isNamed = ({ table, pattern }: PresetTable, name: string): boolean =>
  pattern ? pattern.test(name) : table === name;

export interface PresetMatch {
  preset: string;
  table: PresetTable;
}

/** The known application this table belongs to, by its name and the columns it must have; null for any other. */
export function matchPreset(table: Pick<TableSummary, "ref" | "columns">): PresetMatch | null {
  const columns = new Set(table.columns.map((column) => column.name));
  for (const preset of PRESETS) {
    const found = preset.tables.find(
      (candidate) => isNamed(candidate, table.ref.name) && candidate.needs.every((name) => columns.has(name)),
    );
    if (found) return { preset: preset.name, table: found };
  }
  return null;
}
