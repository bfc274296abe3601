import { queryOptions } from "@tanstack/react-query";
import { fetchJson, queryString } from "@/lib/queries/fetch-json";
import type { SeriesDto, SeriesInput } from "@/lib/schemas/metrics";
import type { Range } from "@/lib/schemas/page";
import type {
  HealthHistoryDto,
  LatencyPoint,
  QueryStatsDto,
  StoreDetailDto,
  StoreDriverDto,
  StoreDto,
  StoreTableDto,
} from "@/lib/schemas/store";

const path = (storeId: string) => `/api/stores/${encodeURIComponent(storeId)}`;

export const storeQueries = {
  all: ["stores"] as const,
  list: () =>
    queryOptions({
      queryKey: [...storeQueries.all, "list"],
      queryFn: ({ signal }) => fetchJson<StoreDto[]>("/api/stores", signal),
      refetchInterval: 15_000,
    }),
  drivers: () =>
    queryOptions({
      queryKey: [...storeQueries.all, "drivers"],
      queryFn: ({ signal }) => fetchJson<StoreDriverDto[]>("/api/stores/drivers", signal),
      staleTime: Number.POSITIVE_INFINITY,
    }),
  /** Prefix of everything about one store. */
  one: (storeId: string) => [...storeQueries.all, "one", storeId] as const,
  get: (storeId: string) =>
    queryOptions({
      queryKey: [...storeQueries.one(storeId), "get"],
      queryFn: ({ signal }) => fetchJson<StoreDetailDto>(path(storeId), signal),
      refetchInterval: 15_000,
    }),
  tables: (storeId: string) =>
    queryOptions({
      queryKey: [...storeQueries.one(storeId), "tables"],
      queryFn: ({ signal }) => fetchJson<StoreTableDto[]>(`${path(storeId)}/tables`, signal),
    }),
  queryStats: (storeId: string) =>
    queryOptions({
      queryKey: [...storeQueries.one(storeId), "queries"],
      queryFn: ({ signal }) => fetchJson<QueryStatsDto>(`${path(storeId)}/queries`, signal),
      refetchInterval: 60_000,
    }),
  latency: (storeId: string, range: Range) =>
    queryOptions({
      queryKey: [...storeQueries.one(storeId), "latency", range],
      queryFn: ({ signal }) =>
        fetchJson<LatencyPoint[]>(`${path(storeId)}/latency${queryString(range)}`, signal),
    }),
  health: (storeId: string, range: Range) =>
    queryOptions({
      queryKey: [...storeQueries.one(storeId), "health", range],
      queryFn: ({ signal }) =>
        fetchJson<HealthHistoryDto>(`${path(storeId)}/health${queryString(range)}`, signal),
    }),
  series: (storeId: string, input: SeriesInput) =>
    queryOptions({
      queryKey: [...storeQueries.one(storeId), "series", input],
      queryFn: ({ signal }) =>
        fetchJson<SeriesDto>(
          `${path(storeId)}/series${queryString({ ...input, maxPoints: String(input.maxPoints ?? 300) })}`,
          signal,
        ),
    }),
};
