import { z } from "zod";
import type { AttentionItem } from "@/lib/schemas/attention";
import type { DatasetDto, Roles } from "@/lib/schemas/dataset";
import type { FigureDto } from "@/lib/schemas/figure";
import type { SamplePoint } from "@/lib/schemas/metrics";
import type { StorePricesDto } from "@/lib/schemas/price";

export type StoreState = "healthy" | "warning" | "unreachable" | "unknown";

/** `costKey` is a sentence under `stores.rights.`: what the missing right costs. */
export interface RightDto {
  name: string;
  granted: boolean;
  costKey: string;
  grant: string | null;
}

/** `key` is a sentence under `stores.limits.`. */
export interface LimitDto {
  key: string;
  severity: "info" | "warning";
  details: Record<string, string | number>;
}

export interface HealthDto {
  state: "healthy" | "warning" | "unreachable";
  version: string;
  latencyMs: number;
  sizeBytes: number | null;
  freeBytes: number | null;
  rights: RightDto[];
  limits: LimitDto[];
  facts: Record<string, string | number | boolean | null>;
}

/** Why a store did not answer the last time it was asked. */
export interface StoreFailureDto {
  code: string;
  message: string;
  key?: string;
  details?: Record<string, unknown>;
}

/** A store in a list or a tile. Every figure from stored samples; `healthAt` says how old they are. */
export interface StoreDto {
  storeId: string;
  name: string;
  kind: string;
  /** The driver's label: "PostgreSQL". */
  kindLabel: string;
  version: string | null;
  state: StoreState;
  stateSince: string;
  /** Set while unreachable. */
  failure: StoreFailureDto | null;
  healthAt: string | null;
  writesEnabled: boolean;
  latencyP95Ms: number | null;
  sizeBytes: number | null;
  freeBytes: number | null;
  /** Measured over the last seven days; null without enough samples. */
  growthBytesPerWeek: number | null;
  /** Latency, oldest first, at most 48 points; null is a gap. */
  latency: SamplePoint[];
  datasetCount: number;
  segmentCount: number;
}

export interface StoreAbilityDto {
  name: string;
  has: boolean;
}

export interface StoreDetailDto extends StoreDto {
  /** Without secrets. */
  config: Record<string, string | number | boolean | null>;
  /** Names of secret fields that hold a value. */
  secretsSet: string[];
  /** The last answer, also while it does not answer now. */
  health: HealthDto | null;
  abilities: StoreAbilityDto[];
  prices: StorePricesDto;
  tablesAt: string | null;
  datasets: DatasetDto[];
  attention: AttentionItem[];
}

/** What a form needs to ask for a store of one kind. */
export interface StoreDriverDto {
  kind: string;
  label: string;
  family: "sql" | "search" | "document" | "keyValue" | "objects" | "log";
  fields: (
    | {
        name: string;
        type: "text" | "password" | "number" | "path" | "lines";
        required: boolean;
        placeholder?: string;
      }
    | { name: string; type: "select"; required: boolean; options: string[] }
  )[];
  secrets: string[];
  abilities: StoreAbilityDto[];
  /** Whether a pasted address can be taken apart. */
  parsesUrl: boolean;
}

/** From the last sample; `at` null: none was taken yet. */
export interface StoreFiguresDto {
  at: string | null;
  figures: FigureDto[];
  breakdowns: {
    key: string;
    unit: FigureDto["unit"];
    rows: { label: string; value: number; note?: string }[];
  }[];
  notes: LimitDto[];
}

export interface StoreTestDto {
  health: HealthDto;
  tableCount: number | null;
}

/** From the last sample of query statistics; `at` null: none was taken yet. */
export interface QueryStatsDto {
  at: string | null;
  available: boolean;
  /** Under `stores.queryHints.`: how to get them. */
  hintKey: string | null;
  since: string | null;
  queries: {
    queryId: string;
    text: string;
    calls: number;
    meanMs: number;
    maxMs: number;
    totalMs: number;
    rowCount: number;
    cacheHitRatio: number | null;
  }[];
  connections: { active: number; idle: number; idleInTransaction: number; max: number } | null;
  cacheHitRatio: number | null;
}

/** One stretch of time in one state; `gap`: nobody measured. Oldest first, half-open, without holes. */
export interface HealthSpan {
  from: string;
  until: string;
  state: "up" | "down" | "gap";
}

export interface HealthHistoryDto {
  from: string;
  until: string;
  spans: HealthSpan[];
  /** Share of measured time in which it answered, 0..1; null when nothing was measured. */
  upRatio: number | null;
}

export interface LatencyPoint {
  at: string;
  p50: number | null;
  p95: number | null;
  p99: number | null;
  generated?: boolean;
}

/** A table of a store as its last listing showed it, with what Strata would make of it. */
export interface StoreTableDto {
  schema: string;
  name: string;
  /** Under `stores.tableKinds.`. */
  kind: string;
  rowCount: number | null;
  sizeBytes: number;
  /** Set when it is a dataset already. */
  datasetId: string | null;
  proposal: TableProposal;
}

/** A guess with its reason: `reasonKey` under `datasets.reasons.`. */
export interface RoleGuess {
  role: keyof Roles;
  columns: string[];
  confidence: "sure" | "likely" | "guess";
  reasonKey: string;
  details: Record<string, string | number>;
}

/** What cannot be done with this table: `key` under `datasets.blocks.`. */
export interface TableBlock {
  key:
    | "noKey"
    | "noRows"
    | "noTime"
    | "view"
    | "foreign"
    | "partition"
    | "compositeKey"
    | "noText"
    | "viaParent";
  /** Words under `datasets.cannot.`: archive, restore, search, months, manage. */
  cannot: string[];
  severity: "info" | "stop";
  details: Record<string, string | number>;
}

export interface TableProposal {
  /** Preset that matched: dify, new-api, gateway, audit-engine. */
  preset: string | null;
  /** Name the dataset would get. */
  name: string;
  roles: Roles;
  guesses: RoleGuess[];
  blocks: TableBlock[];
  /** The table's columns, to choose roles from. */
  columns: { name: string; type: string }[];
  /** Where it hangs in a family: the parent's table in the same schema. */
  parent: { table: string; column: string; parentColumn: string } | null;
  keepDays: number | null;
}

const storeName = z
  .string()
  .trim()
  .min(1)
  .max(60)
  .regex(/^[\p{L}\p{N}][\p{L}\p{N} ._-]*$/u);
/** Field values as a form holds them; the driver's own schema parses them in the service. */
const configValues = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]));

export const testStoreSchema = z.object({
  /** Set when a saved store is edited: empty secret fields keep their saved value. */
  storeId: z.string().optional(),
  kind: z.string().min(1),
  config: configValues,
});
export const createStoreSchema = z.object({ name: storeName, kind: z.string().min(1), config: configValues });
export const updateStoreSchema = z.object({
  storeId: z.string().min(1),
  name: storeName.optional(),
  config: configValues.optional(),
});
export const storeIdSchema = z.object({ storeId: z.string().min(1) });
export const enableWritesSchema = z.object({ storeId: z.string().min(1), enabled: z.boolean() });
/** `confirm` is the typed name of the store. */
export const deleteStoreSchema = z.object({ storeId: z.string().min(1), confirm: z.string() });
export const parseUrlSchema = z.object({ kind: z.string().min(1), url: z.string().trim().min(1).max(4_000) });

export type TestStoreInput = z.input<typeof testStoreSchema>;
export type CreateStoreInput = z.input<typeof createStoreSchema>;
export type UpdateStoreInput = z.input<typeof updateStoreSchema>;
export type EnableWritesInput = z.input<typeof enableWritesSchema>;
export type DeleteStoreInput = z.input<typeof deleteStoreSchema>;
export type ParseUrlInput = z.input<typeof parseUrlSchema>;
