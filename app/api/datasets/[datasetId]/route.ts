import { route } from "@/lib/api/route";
import { getDataset } from "@/lib/services/datasets/get";

/** One dataset, from stored statistics. */
export const GET = route<{ datasetId: string }>(({ actor, params }) => getDataset(actor, params));
