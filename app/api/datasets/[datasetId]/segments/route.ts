import { route } from "@/lib/api/route";
import { listSegmentsSchema } from "@/lib/schemas/dataset";
import { listSegments } from "@/lib/services/datasets/segments";
import { parse } from "@/lib/services/parse";

/** Cold segments, newest month first. */
export const GET = route<{ datasetId: string }>(({ actor, params, query }) =>
  listSegments(actor, parse(listSegmentsSchema, { ...query, ...params })),
);
