import { queryOptions } from "@tanstack/react-query";
import { fetchJson, queryString } from "@/lib/queries/fetch-json";
import type {
  LineDto,
  ListOperationsInput,
  OperationDetailDto,
  OperationDto,
  RatePoint,
} from "@/lib/schemas/operation";
import type { Page } from "@/lib/schemas/page";
import type { PlanDto } from "@/lib/schemas/plan";

/** Address of one operation. */
export const operationUrl = (operationId: string): string =>
  `/api/operations/${encodeURIComponent(operationId)}`;

export const operationQueries = {
  all: ["operations"] as const,
  list: (input: ListOperationsInput = {}) =>
    queryOptions({
      queryKey: [...operationQueries.all, "list", input],
      queryFn: ({ signal }) =>
        fetchJson<Page<OperationDto>>(
          `/api/operations${queryString({ ...input, limit: input.limit === undefined ? undefined : String(input.limit) })}`,
          signal,
        ),
      refetchInterval: 5_000,
    }),
  /** Prefix of everything about one operation. */
  one: (operationId: string) => [...operationQueries.all, "one", operationId] as const,
  get: (operationId: string) =>
    queryOptions({
      queryKey: [...operationQueries.one(operationId), "get"],
      queryFn: ({ signal }) => fetchJson<OperationDetailDto>(operationUrl(operationId), signal),
    }),
  lines: (operationId: string, after?: string) =>
    queryOptions({
      queryKey: [...operationQueries.one(operationId), "lines", after ?? null],
      queryFn: ({ signal }) =>
        fetchJson<LineDto[]>(`${operationUrl(operationId)}/lines${queryString({ after })}`, signal),
    }),
  rates: (operationId: string) =>
    queryOptions({
      queryKey: [...operationQueries.one(operationId), "rates"],
      queryFn: ({ signal }) => fetchJson<RatePoint[]>(`${operationUrl(operationId)}/rates`, signal),
    }),
  plan: (planId: string) =>
    queryOptions({
      queryKey: ["plans", planId],
      queryFn: ({ signal }) => fetchJson<PlanDto>(`/api/plans/${encodeURIComponent(planId)}`, signal),
    }),
};

/** Address of the live feed: unnamed messages of `OperationEvent`, then an event named `end`. */
export const operationEventsUrl = (operationId: string): string => `${operationUrl(operationId)}/events`;
export const operationLogUrl = (operationId: string): string => `${operationUrl(operationId)}/log`;
