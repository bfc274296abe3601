import { unauthenticated } from "@/lib/auth/authorize";
import { currentUser } from "@/lib/auth/session";
import { errorDto } from "@/lib/services/error-dto";

/** Proxies close what is silent for half a minute or a minute. As often it is asked who still is signed in. */
const HEARTBEAT_MS = 10_000;

export interface SseEvent {
  /** Sent back by the browser as `Last-Event-ID` when it reconnects. */
  id?: string;
  data: unknown;
}

/**
 * Events as a stream of server-sent events: unnamed messages of JSON, comments as heartbeats, and at the end the
 * event `end`, after which the browser must not reconnect. A failure is the message `{ type: "error", error }`.
 * `events` is told by its signal when the client is gone or its session has ended, and is then closed.
 */
export function sse(
  request: Request,
  events: (signal: AbortSignal) => AsyncIterable<SseEvent>,
  heartbeatMs = HEARTBEAT_MS,
): Response {
  const abort = new AbortController();
  const signedOut = new AbortController();
  const stop = AbortSignal.any([abort.signal, signedOut.signal]);
  const gone = () => abort.abort();
  request.signal.addEventListener("abort", gone, { once: true });
  if (request.signal.aborted) gone();
  const encoder = new TextEncoder();
  const stream = new ReadableStream<Uint8Array>({
    async start(controller) {
      const send = (text: string) => {
        if (!abort.signal.aborted) controller.enqueue(encoder.encode(text));
      };
      const fail = (error: unknown) =>
        send(`data: ${JSON.stringify({ type: "error", error: errorDto(error, "stream") })}\n\n`);
      const heartbeat = setInterval(() => {
        send(": alive\n\n");
        void sessionEnded(request).then((ended) => ended && signedOut.abort());
      }, heartbeatMs);
      try {
        send(": begin\n\n");
        for await (const { id, data } of events(stop)) {
          if (stop.aborted) break;
          send(`${id ? `id: ${id}\n` : ""}data: ${JSON.stringify(data)}\n\n`);
        }
      } catch (error) {
        if (!signedOut.signal.aborted) fail(error);
      } finally {
        clearInterval(heartbeat);
        request.signal.removeEventListener("abort", gone);
      }
      if (abort.signal.aborted) return;
      if (signedOut.signal.aborted) fail(unauthenticated());
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

/** Signed out, disabled or expired meanwhile. A control DB that does not answer ends nobody's session. */
const sessionEnded = (request: Request): Promise<boolean> =>
  currentUser(request.headers).then(
    (user) => user === null,
    () => false,
  );
