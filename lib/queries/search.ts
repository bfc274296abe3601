import { queryOptions } from "@tanstack/react-query";
import { fetchJson, queryString } from "@/lib/queries/fetch-json";
import type { RecordDto } from "@/lib/schemas/record";
import type { ExportFormat, SearchQuery } from "@/lib/schemas/search";

const values = ({ limit, ...query }: SearchQuery) => ({
  ...query,
  limit: limit === undefined ? undefined : String(limit),
});

/** Address of a search as a live stream: unnamed messages of `SearchEvent`, then an event named `end`. */
export const searchUrl = (query: SearchQuery): string => `/api/search${queryString(values(query))}`;

/** Address of a download of everything a search finds. */
export const exportUrl = (query: SearchQuery, format: ExportFormat): string =>
  `/api/search/export${queryString({ ...values({ ...query, cursor: undefined, limit: undefined }), format })}`;

export const recordQueries = {
  all: ["records"] as const,
  get: (datasetId: string, key: readonly string[], segmentId?: string | null) =>
    queryOptions({
      queryKey: [...recordQueries.all, datasetId, key],
      queryFn: ({ signal }) =>
        fetchJson<RecordDto>(`/api/records${queryString({ datasetId, key, segmentId })}`, signal),
    }),
};
