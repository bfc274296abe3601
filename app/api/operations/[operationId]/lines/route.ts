import { route } from "@/lib/api/route";
import { listLinesSchema } from "@/lib/schemas/operation";
import { listLines } from "@/lib/services/operations/lines";
import { parse } from "@/lib/services/parse";

/** Log lines after `after`, oldest first. */
export const GET = route<{ operationId: string }>(({ actor, params, query }) =>
  listLines(actor, parse(listLinesSchema, { ...query, ...params })),
);
