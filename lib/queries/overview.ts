import { queryOptions } from "@tanstack/react-query";
import { fetchJson } from "@/lib/queries/fetch-json";
import type { OverviewDto } from "@/lib/schemas/overview";

export const overviewQueries = {
  all: ["overview"] as const,
  get: () =>
    queryOptions({
      queryKey: [...overviewQueries.all, "get"],
      queryFn: ({ signal }) => fetchJson<OverviewDto>("/api/overview", signal),
      refetchInterval: 15_000,
    }),
};
