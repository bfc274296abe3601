import type { Roles } from "@/lib/schemas/dataset";

/** A table of a known application. Columns that a version of it lacks are left out of the roles. */
export interface PresetTable {
  table: string;
  /** For names that hold a tenant or a date: what the whole name must match, instead of being `table`. */
  pattern?: RegExp;
  /** Columns that must be there for the table to be taken for this one. */
  needs: readonly string[];
  /** The unit of a bigint time column; other types tell it themselves. */
  time: { column: string; bigintUnit: "s" | "ms" | "us" };
  roles: Omit<Roles, "key" | "time">;
  /** The table it hangs on, in the same schema. */
  parent: { table: string; column: string; parentColumn: string } | null;
  /** How long rows are usually wanted hot; null: no opinion. */
  keepDays: number | null;
}

export interface Preset {
  name: string;
  tables: readonly PresetTable[];
}
