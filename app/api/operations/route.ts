import { route } from "@/lib/api/route";
import { listOperationsSchema, startOperationSchema } from "@/lib/schemas/operation";
import { listOperations } from "@/lib/services/operations/list";
import { startOperation } from "@/lib/services/operations/start";
import { parse } from "@/lib/services/parse";

/** Operations, newest first. */
export const GET = route(({ actor, query }) => listOperations(actor, parse(listOperationsSchema, query)));

/** Runs a plan: `{ planId, confirm, reason, throttle? }`. */
export const POST = route(async ({ actor, body }) =>
  startOperation(actor, parse(startOperationSchema, await body())),
);
