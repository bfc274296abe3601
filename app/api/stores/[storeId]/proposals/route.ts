import { route } from "@/lib/api/route";
import { proposeDatasets } from "@/lib/services/datasets/propose";

/** Families and datasets the tables could become. */
export const GET = route<{ storeId: string }>(({ actor, params }) => proposeDatasets(actor, params));
