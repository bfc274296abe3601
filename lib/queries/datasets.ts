import { queryOptions } from "@tanstack/react-query";
import { fetchJson, queryString } from "@/lib/queries/fetch-json";
import type { DatasetDetailDto, DatasetDto, MonthsDto, SegmentDto } from "@/lib/schemas/dataset";
import type { Mark, SeriesDto, SeriesInput } from "@/lib/schemas/metrics";
import type { Page } from "@/lib/schemas/page";

const path = (datasetId: string) => `/api/datasets/${encodeURIComponent(datasetId)}`;

export const datasetQueries = {
  all: ["datasets"] as const,
  list: (storeId?: string) =>
    queryOptions({
      queryKey: [...datasetQueries.all, "list", storeId ?? null],
      queryFn: ({ signal }) => fetchJson<DatasetDto[]>(`/api/datasets${queryString({ storeId })}`, signal),
      refetchInterval: 30_000,
    }),
  /** Prefix of everything about one dataset. */
  one: (datasetId: string) => [...datasetQueries.all, "one", datasetId] as const,
  get: (datasetId: string) =>
    queryOptions({
      queryKey: [...datasetQueries.one(datasetId), "get"],
      queryFn: ({ signal }) => fetchJson<DatasetDetailDto>(path(datasetId), signal),
      refetchInterval: 30_000,
    }),
  months: (datasetId: string) =>
    queryOptions({
      queryKey: [...datasetQueries.one(datasetId), "months"],
      queryFn: ({ signal }) => fetchJson<MonthsDto>(`${path(datasetId)}/months`, signal),
      refetchInterval: 60_000,
    }),
  segments: (datasetId: string, input: { cursor?: string | null; month?: string } = {}) =>
    queryOptions({
      queryKey: [...datasetQueries.one(datasetId), "segments", input],
      queryFn: ({ signal }) =>
        fetchJson<Page<SegmentDto>>(`${path(datasetId)}/segments${queryString(input)}`, signal),
    }),
  series: (datasetId: string, input: SeriesInput) =>
    queryOptions({
      queryKey: [...datasetQueries.one(datasetId), "series", input],
      queryFn: ({ signal }) =>
        fetchJson<SeriesDto & { marks: Mark[] }>(
          `${path(datasetId)}/series${queryString({ ...input, maxPoints: String(input.maxPoints ?? 300) })}`,
          signal,
        ),
    }),
};
