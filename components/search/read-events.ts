import type { ErrorDto } from "@/lib/errors";
import type { SearchEvent } from "@/lib/schemas/search";

type Message = SearchEvent | { type: "error"; error: ErrorDto };

/** A search that was refused or broke off, with the server's own sentence. */
export class SearchFailure extends Error {
  constructor(readonly dto: ErrorDto | null) {
    super(dto?.message ?? "the stream broke off");
  }
}

const isErrorBody = (body: unknown): body is { error: ErrorDto } =>
  typeof body === "object" && body !== null && "error" in body;

/** Takes whole messages off the front of `text`; what is left over belongs to the next one. */
export function takeMessages(text: string): { messages: Message[]; ended: boolean; rest: string } {
  const blocks = text.split(/\r?\n\r?\n/);
  const rest = blocks.pop() ?? "";
  const messages: Message[] = [];
  let ended = false;
  for (const block of blocks) {
    const lines = block.split(/\r?\n/);
    if (lines.includes("event: end")) ended = true;
    const data = lines.filter((line) => line.startsWith("data:")).map((line) => line.slice(5));
    if (!ended && data.length > 0) messages.push(JSON.parse(data.join("\n")));
  }
  return { messages, ended, rest };
}

/**
 * Reads a search as it goes on. `fetch` rather than EventSource: that one cannot tell why it was refused, and asks
 * again by itself. Throws SearchFailure; aborting the signal ends it with the signal's reason.
 */
export async function* readEvents(url: string, signal: AbortSignal): AsyncGenerator<SearchEvent> {
  const response = await fetch(url, { signal, headers: { accept: "text/event-stream" } });
  if (!response.ok || !response.body) {
    const body: unknown = await response.json().catch(() => null);
    throw new SearchFailure(isErrorBody(body) ? body.error : null);
  }
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (true) {
    const { done, value } = await reader.read();
    if (done) throw new SearchFailure(null);
    const { messages, ended, rest } = takeMessages(text + value);
    text = rest;
    for (const message of messages) {
      if (message.type === "error") throw new SearchFailure(message.error);
      yield message;
    }
    if (ended) return;
  }
}
