import type { AttentionItem } from "@/lib/schemas/attention";
import type { Mark } from "@/lib/schemas/metrics";
import type { OperationDto } from "@/lib/schemas/operation";
import type { StoreDto } from "@/lib/schemas/store";

/** Sizes of all datasets together at one time; null is a gap. */
export interface GrowthPoint {
  at: string;
  hotBytes: number | null;
  archiveBytes: number | null;
  coldBytes: number | null;
  generated?: boolean;
}

export interface OverviewDto {
  /** When this was put together; each part says how old its own figures are. */
  at: string;
  stores: StoreDto[];
  attention: AttentionItem[];
  running: OperationDto[];
  growth: { from: string; until: string; points: GrowthPoint[]; marks: Mark[] };
  /** Bytes the cold rows took in their sources: "cold 48 GB (was 394)". */
  coldSourceBytes: number;
  datasetCount: number;
}
