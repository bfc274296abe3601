import { series } from "@/lib/metrics/series";
import { type Mark, type SeriesDto, type SeriesInput, seriesInputSchema } from "@/lib/schemas/metrics";
import type { Actor } from "@/lib/schemas/user";
import { allow } from "@/lib/services/access";
import { findDataset } from "@/lib/services/datasets/find";
import { loadMarks } from "@/lib/services/overview/get";
import { parse } from "@/lib/services/parse";

/** One figure of a dataset over time, with the operations that explain its bends. */
export async function getDatasetSeries(
  actor: Actor,
  input: { datasetId: string } & SeriesInput,
): Promise<SeriesDto & { marks: Mark[] }> {
  allow(actor, "viewer");
  const { metric, from, until, maxPoints } = parse(seriesInputSchema, input);
  await findDataset(input.datasetId);
  const range = { from: new Date(from), until: new Date(until), maxPoints, now: new Date() };
  const [line, marks] = await Promise.all([
    series(input.datasetId, metric, range),
    loadMarks(range.from, input.datasetId),
  ]);
  return { ...line, marks: marks.filter((mark) => mark.at < until) };
}
