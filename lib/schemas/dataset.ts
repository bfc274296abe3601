import { z } from "zod";
import type { AttentionItem } from "@/lib/schemas/attention";
import type { FigureDto } from "@/lib/schemas/figure";
import { pageInputSchema } from "@/lib/schemas/page";

const column = z.string().min(1).nullable();

/** Which column plays which part. Null: the table has none. */
export const rolesSchema = z.object({
  key: z.array(z.string().min(1)),
  time: z
    .object({ column: z.string(), unit: z.enum(["timestamp", "timestamptz", "date", "s", "ms", "us"]) })
    .nullable(),
  tenant: column,
  user: column,
  status: column,
  model: column,
  tokens: column,
  /** What the search looks through, most important first: prompt before answer. */
  text: z.array(z.string()),
  /** Shown as prompt and answer in the record view. */
  prompt: column,
  answer: column,
});
export type Roles = z.infer<typeof rolesSchema>;

export const TIERS = ["hot", "archive", "cold"] as const;
export type Tier = (typeof TIERS)[number];

/** How a member of a family hangs on its parent. */
export const parentLinkSchema = z.object({ column: z.string(), parentColumn: z.string() });
export type ParentLink = z.infer<typeof parentLinkSchema>;

/** One size and one count; rows null where statistics know none, with their reason in the notes. */
export interface TierFigures {
  rowCount: number | null;
  sizeBytes: number;
}

export interface ColdFigures {
  rowCount: number;
  /** As Parquet. */
  sizeBytes: number;
  /** What the same rows took in the source. */
  sourceBytes: number;
  segmentCount: number;
  missingCount: number;
}

/** A dataset in a list. Figures from the last sample of statistics, taken at `statsAt`. */
export interface DatasetDto {
  datasetId: string;
  name: string;
  storeId: string;
  storeName: string;
  storeState: "healthy" | "warning" | "unreachable" | "unknown";
  /** `expiry`: the store drops rows by age alone, and what is archived lies hot too until then. */
  leavesBy: "delete" | "expiry";
  schemaName: string;
  tableName: string;
  preset: string | null;
  parentId: string | null;
  parentName: string | null;
  childCount: number;
  hot: TierFigures | null;
  archive: TierFigures | null;
  cold: ColdFigures;
  statsAt: string | null;
  oldestAt: string | null;
  keepDays: number | null;
  /** Days by which the oldest hot row is past `keepDays`; 0 in time, null unknown or no retention set. */
  lateDays: number | null;
  /** Dead rows as a share of all, 0..1. */
  deadRatio: number | null;
  lastVacuumAt: string | null;
  lastAnalyzeAt: string | null;
  growthBytesPerWeek: number | null;
  /** The operation at work on it now. */
  operationId: string | null;
}

export interface IndexDto {
  name: string;
  columns: string[];
  unique: boolean;
  primary: boolean;
  valid: boolean;
  method: string;
  definition: string;
  sizeBytes: number;
  scans: number | null;
}

/** What the driver advises: `key` under `datasets.advice.`. */
export interface TableAdviceDto {
  key: string;
  worth: "yes" | "no" | "maybe";
  details: Record<string, string | number>;
  action: { kind: string; index?: string } | null;
  statements: string[];
}

/** Statistics of one table of a dataset, hot or archive, as the store told them. */
export interface TableStatsDto {
  rowCount: number | null;
  heapBytes: number;
  indexBytes: number;
  toastBytes: number | null;
  totalBytes: number;
  deadRows: number | null;
  liveRows: number | null;
  lastVacuumAt: string | null;
  lastAnalyzeAt: string | null;
  oldestAt: string | null;
  newestAt: string | null;
  indexes: IndexDto[];
  notes: string[];
  figures?: FigureDto[];
  advice?: TableAdviceDto[];
}

/** Why an action is or is not worth it: `key` under `datasets.advice.`. */
export interface AdviceDto {
  key: string;
  worth: "yes" | "no" | "maybe";
  details: Record<string, string | number>;
  /** What the button would plan; null when there is nothing to press. */
  optimize: {
    kind: string;
    index?: string;
  } | null;
  /** Ready statements to copy, for what Strata does not run itself. */
  statements: string[];
}

export interface DatasetDetailDto extends DatasetDto {
  roles: Roles;
  parentLink: ParentLink | null;
  children: { datasetId: string; name: string; link: ParentLink | null }[];
  archiveTable: { schema: string; name: string } | null;
  coldStore: { storeId: string; name: string } | null;
  /** What this kind of store can do to a table, in the order of the list. */
  optimizeActions: { kind: string; danger: boolean }[];
  stats: TableStatsDto | null;
  archiveStats: TableStatsDto | null;
  oldest: { hot: string | null; archive: string | null; cold: string | null };
  newest: { hot: string | null; archive: string | null; cold: string | null };
  columns: { name: string; type: string }[];
  advice: AdviceDto[];
  attention: AttentionItem[];
  /** Object stores that could take its cold segments. */
  coldTargets: { storeId: string; name: string; kind: string; state: string; writesEnabled: boolean }[];
  /** Whether its store may be written to; without it nothing can be archived. */
  writesEnabled: boolean;
  abilities: string[];
  /** Exact rows by the last `count`, if any. */
  exact: { rowCount: number; at: string; operationId: string } | null;
}

export interface MonthFigures {
  /** YYYY-MM, UTC. */
  month: string;
  hotRows: number;
  hotBytes: number;
  archiveRows: number;
  archiveBytes: number;
  coldRows: number;
  coldBytes: number;
  coldSourceBytes: number;
}

export interface MonthsDto {
  /** False where statistics answered instead of a count. */
  exact: boolean;
  /** ISO; null: not sampled yet. */
  at: string | null;
  months: MonthFigures[];
  /** The month in which the retention ends, if one is set. */
  keepFromMonth: string | null;
}

/** An object store that holds segments of a dataset's family. */
export interface ColdPlaceDto {
  storeId: string;
  name: string;
  kind: string;
  writesEnabled: boolean;
  segmentCount: number;
  rowCount: number;
  sizeBytes: number;
  optimizeActions: { kind: string; danger: boolean }[];
}

/** What the sampler leaves in `Dataset.months`: cold comes from the catalogue. */
export interface StoredMonths {
  exact: boolean;
  at: string;
  hot: { month: string; rowCount: number; sizeBytes: number }[];
  archive: { month: string; rowCount: number; sizeBytes: number }[];
}

export interface SegmentDto {
  segmentId: string;
  storeId: string;
  storeName: string;
  key: string;
  month: string;
  rowCount: number;
  sizeBytes: number;
  sourceBytes: number;
  minTime: string | null;
  maxTime: string | null;
  sha256: string;
  state: string;
  operationId: string | null;
  missingSince: string | null;
  createdAt: string;
}

export const datasetIdSchema = z.object({ datasetId: z.string().min(1) });
export const proposeSchema = z.object({ storeId: z.string().min(1) });

const datasetName = z.string().trim().min(1).max(120);
const keepDays = z.number().int().min(1).max(36_500).nullable();

export const createDatasetSchema = z.object({
  storeId: z.string().min(1),
  schemaName: z.string().min(1),
  tableName: z.string().min(1),
  name: datasetName,
  preset: z.string().max(60).nullable().default(null),
  roles: rolesSchema,
  keepDays: keepDays.default(null),
  parentId: z.string().nullable().default(null),
  parentLink: parentLinkSchema.nullable().default(null),
});

/** Parents before children; `parentTable` names an earlier member. Created whole or not at all. */
export const createFamilySchema = z.object({
  storeId: z.string().min(1),
  members: z
    .array(
      z.object({
        schemaName: z.string().min(1),
        tableName: z.string().min(1),
        name: datasetName,
        preset: z.string().max(60).nullable().default(null),
        roles: rolesSchema,
        keepDays: keepDays.default(null),
        parentTable: z.string().nullable().default(null),
        parentLink: parentLinkSchema.nullable().default(null),
      }),
    )
    .min(1)
    .max(50),
});

export const updateDatasetSchema = z.object({
  datasetId: z.string().min(1),
  name: datasetName.optional(),
  roles: rolesSchema.optional(),
  keepDays: keepDays.optional(),
});
/** `confirm` is the typed name. Forgets the dataset; rows and segments stay where they are. */
export const removeDatasetSchema = z.object({ datasetId: z.string().min(1), confirm: z.string() });
export const listDatasetsSchema = z.object({ storeId: z.string().optional() });
export const listSegmentsSchema = pageInputSchema.extend({
  datasetId: z.string().min(1),
  month: z
    .string()
    .regex(/^\d{4}-\d{2}$/)
    .optional(),
});

export type CreateDatasetInput = z.input<typeof createDatasetSchema>;
export type CreateFamilyInput = z.input<typeof createFamilySchema>;
export type UpdateDatasetInput = z.input<typeof updateDatasetSchema>;
export type RemoveDatasetInput = z.input<typeof removeDatasetSchema>;
export type ListDatasetsInput = z.input<typeof listDatasetsSchema>;
export type ListSegmentsInput = z.input<typeof listSegmentsSchema>;
