import { route } from "@/lib/api/route";
import { type SseEvent, sse } from "@/lib/api/sse";
import { authorize } from "@/lib/auth/authorize";
import { type OperationEvent, operationIdSchema } from "@/lib/schemas/operation";
import { findOperation } from "@/lib/services/operations/get";
import { watchOperation } from "@/lib/services/operations/watch";
import { parse } from "@/lib/services/parse";

/** What happens to an operation, live: `OperationEvent`s until its outcome, then the event `end`. */
export const GET = route<{ operationId: string }>(async ({ actor, params, request }) => {
  authorize(actor, "operation.read");
  await findOperation(parse(operationIdSchema, params).operationId); // a wrong address is a 404, not a stream
  const afterLine = request.headers.get("last-event-id");
  return sse(request, (signal) => withIds(watchOperation(actor, params, { afterLine, signal })));
});

/** The last line's id comes back when the browser reconnects, so that no line is sent twice. */
async function* withIds(events: AsyncIterable<OperationEvent>): AsyncIterable<SseEvent> {
  for await (const data of events) {
    yield { data, ...(data.type === "lines" ? { id: data.lines.at(-1)?.lineId } : {}) };
  }
}
