import { listValues } from "@/lib/api/list-values";
import { route } from "@/lib/api/route";
import { getRecordSchema } from "@/lib/schemas/record";
import { parse } from "@/lib/services/parse";
import { getRecord } from "@/lib/services/records/get";

/** One row by `datasetId` and `key` (once per key column), with its family. */
export const GET = route(({ actor, query }) =>
  getRecord(actor, parse(getRecordSchema, { ...query, key: listValues(query.key) ?? [] })),
);
