import { errorDto } from "@/lib/services/error-dto";

/** Proxies close what is silent for half a minute or a minute. */
const HEARTBEAT_MS = 10_000;

export interface SseEvent {
  /** Sent back by the browser as `Last-Event-ID` when it reconnects. */
  id?: string;
  data: unknown;
}

/**
 * Events as a stream of server-sent events: unnamed messages of JSON, comments as heartbeats, and at the end the
 * event `end`, after which the browser must not reconnect. A failure is the message `{ type: "error", error }`.
 * `events` is told by its signal when the client is gone, and is then closed.
 */
export function sse(request: Request, events: (signal: AbortSignal) => AsyncIterable<SseEvent>): Response {
  const abort = new AbortController();
  const gone = () => abort.abort();
  request.signal.addEventListener("abort", gone, { once: true });
  if (request.signal.aborted) gone();
  const encoder = new TextEncoder();
  const stream = new ReadableStream<Uint8Array>({
    async start(controller) {
      const send = (text: string) => {
        if (!abort.signal.aborted) controller.enqueue(encoder.encode(text));
      };
      const heartbeat = setInterval(() => send(": alive\n\n"), HEARTBEAT_MS);
      try {
        send(": begin\n\n");
        for await (const { id, data } of events(abort.signal)) {
          if (abort.signal.aborted) break;
          send(`${id ? `id: ${id}\n` : ""}data: ${JSON.stringify(data)}\n\n`);
        }
      } catch (error) {
        send(`data: ${JSON.stringify({ type: "error", error: errorDto(error, "stream") })}\n\n`);
      } finally {
        clearInterval(heartbeat);
        request.signal.removeEventListener("abort", gone);
      }
      if (abort.signal.aborted) return;
      send("event: end\ndata: {}\n\n");
      controller.close();
    },
    cancel: gone,
  });
  return new Response(stream, {
    headers: {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store, no-transform",
      // nginx holds streams back unless told otherwise.
      "x-accel-buffering": "no",
    },
  });
}
