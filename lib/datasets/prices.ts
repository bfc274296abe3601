import {
  type CostDto,
  type Currency,
  type Prices,
  pricesSchema,
  type StorePricesDto,
} from "@/lib/schemas/price";
import type { StoreFamily } from "@/lib/stores/store";

const GB = 1024 ** 3;

/**
 * List prices in USD of a managed store of such a family in a large cloud region, rounded: block storage of a managed
 * SQL database, of a search cluster, of a document database; memory of a managed cache; standard object storage with
 * its read requests; a log service's index and storage. They are a place to begin, marked as such wherever they show.
 */
const DEFAULTS: Readonly<Record<StoreFamily, Pick<Prices, "perGbMonth" | "perMillionRequests">>> = {
  sql: { perGbMonth: 0.115, perMillionRequests: 0 },
  search: { perGbMonth: 0.135, perMillionRequests: 0 },
  document: { perGbMonth: 0.25, perMillionRequests: 0 },
  keyValue: { perGbMonth: 12, perMillionRequests: 0 },
  objects: { perGbMonth: 0.023, perMillionRequests: 0.4 },
  log: { perGbMonth: 0.06, perMillionRequests: 0.2 },
};

/** What was set for a store, else the default of its family. */
export function pricesOf(set: unknown, family: StoreFamily): StorePricesDto {
  const parsed = pricesSchema.safeParse(set);
  if (parsed.success) return { ...parsed.data, source: "set" };
  return { ...DEFAULTS[family], currency: "USD", source: "default" };
}

/** Keeping so many bytes for a month. */
export const storageCost = (sizeBytes: number, prices: Prices): CostDto => ({
  amount: (sizeBytes / GB) * prices.perGbMonth,
  currency: prices.currency,
});

/** Amounts by currency, none of them converted: exchange rates are not ours to know. */
export function addCosts(costs: readonly CostDto[]): CostDto[] {
  const sums = new Map<Currency, number>();
  for (const { amount, currency } of costs) sums.set(currency, (sums.get(currency) ?? 0) + amount);
  return [...sums].map(([currency, amount]) => ({ amount, currency }));
}

/** Whole days until so much free space is filled; null when it does not fill. */
export function daysUntilFull(freeBytes: number | null, growthBytesPerWeek: number | null): number | null {
  if (freeBytes === null || growthBytesPerWeek === null || growthBytesPerWeek <= 0) return null;
  return Math.floor(freeBytes / (growthBytesPerWeek / 7));
}
