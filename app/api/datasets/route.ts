import { route } from "@/lib/api/route";
import { listDatasetsSchema } from "@/lib/schemas/dataset";
import { listDatasets } from "@/lib/services/datasets/list";
import { parse } from "@/lib/services/parse";

/** All datasets, or those of one store. */
export const GET = route(({ actor, query }) => listDatasets(actor, parse(listDatasetsSchema, query)));
