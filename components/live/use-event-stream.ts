"use client";
import { useEffect, useRef, useState } from "react";

/** `live`: events arrive as they happen. `polling`: the stream is away and we ask every few seconds instead. */
export type StreamState = "connecting" | "live" | "polling";

export interface EventStreamOptions<Message> {
  /** Address of the SSE stream; `null` switches it off. A stream that ends sends the event `end`. */
  url: string | null;
  /** Handles one message. `data` is parsed JSON of our own server. */
  onMessage: (message: Message) => void;
  /** Asks once for what the stream would have told; called while the stream is away. */
  poll?: () => Promise<unknown> | undefined;
  pollMs?: number;
}

/** After this many failures in a row we poll; the stream goes on trying in the background. */
const FAILURES_BEFORE_POLLING = 2;
const RETRY_MS = 15_000;

/**
 * Follows a server-sent stream. The browser reconnects by itself and sends `Last-Event-ID`; after two failures in a
 * row, when the server refuses, or when it tells a failure (`{ type: "error" }`), `poll` runs every `pollMs` until the stream is back.
 */
export function useEventStream<Message>(options: EventStreamOptions<Message>): StreamState {
  const { url, pollMs = 3_000 } = options;
  const [state, setState] = useState<StreamState>("connecting");
  const latest = useRef(options);
  useEffect(() => {
    latest.current = options;
  });

  useEffect(() => {
    if (!url) return;
    let source: EventSource | undefined;
    let failures = 0;
    let failed = false;
    let retry: ReturnType<typeof setTimeout> | undefined;

    function retryLater(address: string) {
      setState("polling");
      retry = setTimeout(() => connect(address), RETRY_MS);
    }

    function connect(address: string) {
      source = new EventSource(address);
      source.onopen = () => {
        failures = 0;
        setState("live");
      };
      source.onmessage = (event: MessageEvent<string>) => {
        const message: Message = JSON.parse(event.data);
        failed = isFailure(message);
        if (!failed) latest.current.onMessage(message);
      };
      // An end after a failure is not the end of what is watched: without another try the page would stand still.
      source.addEventListener("end", () => {
        source?.close();
        if (failed) retryLater(address);
      });
      source.onerror = () => {
        failures += 1;
        if (failures >= FAILURES_BEFORE_POLLING) setState("polling");
        // A refused stream (not a broken one) is closed for good: only we can open it again.
        if (source?.readyState === EventSource.CLOSED) retryLater(address);
      };
    }

    setState("connecting");
    connect(url);
    return () => {
      clearTimeout(retry);
      source?.close();
    };
  }, [url]);

  useEffect(() => {
    if (state !== "polling" || !url) return;
    const timer = setInterval(() => void latest.current.poll?.()?.catch(() => undefined), pollMs);
    return () => clearInterval(timer);
  }, [state, url, pollMs]);

  return state;
}

const isFailure = (message: unknown): boolean =>
  typeof message === "object" && message !== null && "type" in message && message.type === "error";
