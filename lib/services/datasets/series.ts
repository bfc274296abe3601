import { authorize } from "@/lib/auth/authorize";
import { series } from "@/lib/metrics/series";
import { type Mark, type SeriesDto, type SeriesInput, seriesInputSchema } from "@/lib/schemas/metrics";
import type { Actor } from "@/lib/schemas/user";
import { findDataset } from "@/lib/services/datasets/find";
import { loadMarks } from "@/lib/services/overview/get";
import { parse } from "@/lib/services/parse";

/** One figure of a dataset over time, with the operations that explain its bends. */
export async function getDatasetSeries(
  actor: Actor,
  input: { datasetId: string } & SeriesInput,
): Promise<SeriesDto & { marks: Mark[] }> {
  authorize(actor, "metrics.read");
  const { metric, from, until, maxPoints } = parse(seriesInputSchema, input);
  await findDataset(input.datasetId);
  const range = { from: new Date(from), until: new Date(until), maxPoints, now: new Date() };
  const [line, marks] = await Promise.all([
    series(input.datasetId, metric, range),
    loadMarks(range.from, input.datasetId),
  ]);
  return { ...line, marks: marks.filter((mark) => mark.at < until) };
}
