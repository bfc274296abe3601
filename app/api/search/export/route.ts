import { download } from "@/lib/api/download";
import { listValues } from "@/lib/api/list-values";
import { route } from "@/lib/api/route";
import { exportInputSchema } from "@/lib/schemas/search";
import { parse } from "@/lib/services/parse";
import { exportSearch } from "@/lib/services/search/export";

/** Everything a search finds, as a file that streams: `format` is csv, jsonl or parquet. */
export const GET = route(async ({ actor, query, request }) => {
  const { datasetIds, tiers } = query;
  const input = parse(exportInputSchema, {
    ...query,
    datasetIds: listValues(datasetIds),
    tiers: listValues(tiers),
  });
  const { chunks, ...file } = await exportSearch(actor, input, request.signal);
  return download(chunks, file);
});
