"use client";
import { useCallback, useState } from "react";
import { type StreamState, useEventStream } from "@/components/live/use-event-stream";
import { fetchJson } from "@/lib/queries/fetch-json";
import { operationEventsUrl, operationUrl } from "@/lib/queries/operations";
import {
  ENDED_STATES,
  type LineDto,
  type OperationDetailDto,
  type OperationEvent,
  type RatePoint,
} from "@/lib/schemas/operation";

/** Lines kept on the page; the whole log can be downloaded. */
const MOST_LINES = 2_000;
const MOST_RATES = 1_000;

export interface LiveOperation {
  operation: OperationDetailDto;
  lines: LineDto[];
  rates: RatePoint[];
  stream: StreamState;
}

const newer = (known: LineDto[], lines: readonly LineDto[]): LineDto[] => {
  const last = BigInt(known.at(-1)?.lineId ?? "0");
  return [...known, ...lines.filter((line) => BigInt(line.lineId) > last)].slice(-MOST_LINES);
};

const later = (known: RatePoint[], rates: readonly RatePoint[]): RatePoint[] => {
  const last = known.at(-1)?.at ?? "";
  return [...known, ...rates.filter((rate) => rate.at > last)].slice(-MOST_RATES);
};

/** An operation as it goes on: from the server's first answer, then by SSE, else by asking every 3 s. */
export function useOperation(initial: {
  operation: OperationDetailDto;
  lines: LineDto[];
  rates: RatePoint[];
}): LiveOperation {
  const [state, setState] = useState(initial);
  const { operationId } = initial.operation;
  const ended = ENDED_STATES.includes(state.operation.state);
  const onMessage = useCallback((event: OperationEvent) => {
    setState((old) => {
      if (event.type === "snapshot") return { ...old, operation: event.operation };
      if (event.type === "lines") return { ...old, lines: newer(old.lines, event.lines) };
      if (event.type === "rates") return { ...old, rates: later(old.rates, event.rates) };
      return old;
    });
  }, []);
  const poll = useCallback(async () => {
    const operation = await fetchJson<OperationDetailDto>(operationUrl(operationId));
    setState((old) => ({ ...old, operation }));
  }, [operationId]);
  const after = initial.lines.at(-1)?.lineId ?? "0";
  const stream = useEventStream<OperationEvent>({
    url: ended ? null : `${operationEventsUrl(operationId)}?after=${after}`,
    onMessage,
    poll,
  });
  return { ...state, stream };
}
