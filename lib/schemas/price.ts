import { z } from "zod";

/** A number, or a form's text of one. Nothing is not free: an empty field is refused. */
const money = z
  .union([
    z.number(),
    z
      .string()
      .trim()
      .regex(/^(\d+(\.\d*)?|\.\d+)$/, "A price is a number, such as 0.08.")
      .transform(Number),
  ])
  .pipe(z.number().min(0).max(100_000));
export const CURRENCIES = ["USD", "CNY", "EUR"] as const;
export type Currency = (typeof CURRENCIES)[number];

/** What a store costs: for a gigabyte (2^30 bytes) kept a month, and for a million requests. */
export const pricesSchema = z.object({
  perGbMonth: money,
  perMillionRequests: money,
  currency: z.enum(CURRENCIES),
});
export type Prices = z.infer<typeof pricesSchema>;

/** `prices: null` goes back to the default of the kind. */
export const setPricesSchema = z.object({ storeId: z.string().min(1), prices: pricesSchema.nullable() });
export type SetPricesInput = z.input<typeof setPricesSchema>;

/** Prices with where they come from: `default` is a cloud's list price for such a store, not this one's. */
export interface StorePricesDto extends Prices {
  source: "set" | "default";
}

/** An amount of money in one currency. */
export interface CostDto {
  amount: number;
  currency: Currency;
}

/** A dataset beside those of other stores, from stored samples alone. */
export interface CompareRowDto {
  datasetId: string;
  name: string;
  storeId: string;
  storeName: string;
  kind: string;
  kindLabel: string;
  storeState: "healthy" | "warning" | "unreachable" | "unknown";
  /** All tiers together; null when no tier knows. */
  rowCount: number | null;
  sizeBytes: number | null;
  /** Of the hot tier, measured over the last week. */
  growthBytesPerDay: number | null;
  oldestAt: string | null;
  /** Storage of all tiers at their stores' prices, one amount for each currency; empty when no size is known. */
  costPerMonth: CostDto[];
  /** True when a price it rests on was not set by anyone. */
  costIsDefault: boolean;
  /** Days until the hot store's disk is full at the growth of its last week; null when it does not grow or tell. */
  daysUntilFull: number | null;
}
