import { route } from "@/lib/api/route";
import { seriesInputSchema } from "@/lib/schemas/metrics";
import { getDatasetSeries } from "@/lib/services/datasets/series";
import { parse } from "@/lib/services/parse";

/** One figure over time, with operations as marks. */
export const GET = route<{ datasetId: string }>(({ actor, params, query }) =>
  getDatasetSeries(actor, { ...parse(seriesInputSchema, query), ...params }),
);
