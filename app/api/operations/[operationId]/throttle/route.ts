import { route } from "@/lib/api/route";
import { throttleSchema } from "@/lib/schemas/operation";
import { setThrottle } from "@/lib/services/operations/set-throttle";
import { parse } from "@/lib/services/parse";

/** Changes how fast it works: a whole throttle. */
export const PUT = route<{ operationId: string }>(async ({ actor, params, body }) =>
  setThrottle(actor, { ...params, throttle: parse(throttleSchema, await body()) }),
);
