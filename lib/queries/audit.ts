import { queryOptions } from "@tanstack/react-query";
import { fetchJson, queryString } from "@/lib/queries/fetch-json";
import type { AuditDto, ListAuditInput } from "@/lib/schemas/audit";
import type { Page } from "@/lib/schemas/page";

export const auditQueries = {
  all: ["audit"] as const,
  list: (input: ListAuditInput = {}) =>
    queryOptions({
      queryKey: [...auditQueries.all, "list", input],
      queryFn: ({ signal }) =>
        fetchJson<Page<AuditDto>>(
          `/api/audit${queryString({ ...input, limit: input.limit === undefined ? undefined : String(input.limit) })}`,
          signal,
        ),
    }),
};
