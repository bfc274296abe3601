/** `key` under `stores.figures.`. */
export interface FigureDto {
  key: string;
  value: number | string | null;
  unit: "bytes" | "count" | "ratio" | "ms" | "seconds" | "perSecond" | "text";
  limit?: number;
  charted?: boolean;
}
