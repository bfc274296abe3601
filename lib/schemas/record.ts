import { z } from "zod";
import type { Tier } from "@/lib/schemas/dataset";

/** One row of a dataset, addressed by its key wherever it lives. */
export const getRecordSchema = z.object({
  datasetId: z.string().min(1),
  key: z.array(z.string()).min(1).max(16),
  /** The segment a search found it in: looked into first. */
  segmentId: z.string().nullish(),
});
export type GetRecordInput = z.infer<typeof getRecordSchema>;

export interface RecordColumn {
  name: string;
  type: string;
  /** The database's text form, cut to 256 KB; null is NULL. Untrusted text: never rendered as markup. */
  value: string | null;
  /** Full length in bytes when it was cut. */
  cutFromBytes: number | null;
  /** The part it plays: time, user, prompt… */
  role: string | null;
}

export interface RecordRow {
  datasetId: string;
  dataset: string;
  tier: Tier;
  segmentId: string | null;
  key: string[];
  at: string | null;
  columns: RecordColumn[];
}

export interface RecordDto extends RecordRow {
  storeName: string;
  prompt: string | null;
  answer: string | null;
  user: string | null;
  model: string | null;
  status: string | null;
  tenant: string | null;
  tokens: string | null;
  /** Rows that hang on it and the row it hangs on, at most 200 per dataset. */
  family: { datasetId: string; dataset: string; relation: "parent" | "child"; rows: RecordRow[] }[];
  /** Tiers that could not be asked, in words. */
  notes: string[];
}
