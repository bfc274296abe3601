import type { Role } from "@/lib/schemas/user";

/** What the frame around every page shows. */
export interface ShellDto {
  user: { userId: string; name: string; email: string; role: Role };
  counts: { stores: number; datasets: number; running: number; failedUnseen: number };
  /** Workers heard of in the last 30 s. */
  workers: number;
  controlLatencyMs: number;
  /** Whether this runs on generated data. */
  demo: boolean;
  version: string;
}

export interface PaletteItem {
  type: "page" | "store" | "dataset" | "operation" | "action";
  id: string;
  /** Pages and actions: a key under `palette.`; others: their name. */
  label: string;
  hint: string | null;
  href: string;
}

export interface PaletteDto {
  items: PaletteItem[];
}
