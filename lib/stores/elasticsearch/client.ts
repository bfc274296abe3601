import { setTimeout as pause } from "node:timers/promises";
import type { Agent, Dispatcher } from "undici";
import { StoreError } from "@/lib/errors";
import type { ElasticsearchConfig } from "@/lib/stores/elasticsearch/config";
import {
  callTimeout,
  cancelledError,
  endlessAnswer,
  notElasticsearch,
  readOnlyError,
  type ServerError,
  serverError,
  statusOf,
  transportError,
} from "@/lib/stores/elasticsearch/errors";
import { hostGuard } from "@/lib/stores/host-guard";
import type { OpenOptions } from "@/lib/stores/store";

const CONNECT_TIMEOUT_MS = 8_000;
/** More than the longest document a cluster takes (http.max_content_length: 100 MB) and the mappings of thousands. */
const MAX_ANSWER_BYTES = 256 * 1024 * 1024;
/** What is read of an answer that says why not, or is none of Elasticsearch at all. */
const MAX_FAILURE_BYTES = 1024 * 1024;
const MOST_RETRIES = 5;
/** Doubles with each retry. */
const FIRST_PAUSE_MS = 100;

export interface EsRequest {
  method: "GET" | "POST" | "PUT" | "DELETE" | "HEAD";
  /** Encoded, from the root of the API on: `/_bulk?refresh=true`. */
  path: string;
  signal: AbortSignal;
  body?: object | Uint8Array;
  /** Default: the handle's. */
  timeoutMs?: number;
  /** Longest answer that is taken; a longer one is `TooLong`. */
  maxBytes?: number;
  /** True: it changes something, and is refused on a handle for reading. */
  changes?: boolean;
}

/** An answer that was broken off because it grew too long: ask for fewer documents. */
export class TooLong extends Error {}

/** HTTP to one cluster; connections are opened when first needed. */
export class EsHandle {
  private agent: Promise<Agent> | null = null;
  private closed = false;
  private readonly guard;

  constructor(
    readonly config: ElasticsearchConfig,
    readonly options: OpenOptions,
  ) {
    this.guard = hostGuard(options.allowedHosts);
  }

  /** The answer's bytes. Throws StoreError for every status from 400 on. */
  async bytes(request: EsRequest): Promise<Buffer> {
    if (request.changes && this.options.access === "read") throw readOnlyError();
    const timeoutMs = request.timeoutMs ?? this.options.timeoutMs;
    const timer = AbortSignal.timeout(timeoutMs);
    try {
      request.signal.throwIfAborted();
      return await this.patiently(request, AbortSignal.any([request.signal, timer]), timeoutMs);
    } catch (error) {
      if (request.signal.aborted) throw cancelledError(error);
      if (timer.aborted) throw callTimeout(timeoutMs, error);
      if (error instanceof TooLong) throw error;
      throw transportError(error);
    }
  }

  /** The answer as JSON: for everything but documents, whose numbers JSON.parse would round. */
  async json<T>(request: EsRequest): Promise<T> {
    const bytes = await this.bytes(request);
    try {
      return JSON.parse(bytes.toString("utf8")) as T;
    } catch {
      throw notElasticsearch(200, "a text that is no JSON");
    }
  }

  get<T>(path: string, signal: AbortSignal): Promise<T> {
    return this.json<T>({ method: "GET", path, signal });
  }

  /** As `get`, but null where the server lacks the API or the account the privilege for it. */
  async optional<T>(path: string, signal: AbortSignal): Promise<T | null> {
    return (await this.attempt<T>(path, signal)).value;
  }

  /** As `optional`, with the status that it failed with. */
  async attempt<T>(path: string, signal: AbortSignal): Promise<{ value: T | null; status: number }> {
    try {
      return { value: await this.get<T>(path, signal), status: 200 };
    } catch (error) {
      const status = statusOf(error);
      if (status !== null && [400, 403, 404, 405, 501].includes(status)) return { value: null, status };
      throw error;
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    const { agent } = this;
    this.agent = null;
    if (agent) await (await agent).destroy().catch(() => undefined);
  }

  /** What the server had no room for (429) had no effect, and is sent again while there is time. */
  private async patiently(request: EsRequest, signal: AbortSignal, timeoutMs: number): Promise<Buffer> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await this.send(request, signal, timeoutMs);
      } catch (error) {
        const busy = error instanceof StoreError && error.retryable && statusOf(error) === 429;
        if (!busy || attempt >= MOST_RETRIES) throw error;
        await pause(FIRST_PAUSE_MS * 2 ** attempt, undefined, { signal });
      }
    }
  }

  private async send(request: EsRequest, signal: AbortSignal, timeoutMs: number): Promise<Buffer> {
    await this.guard.check(this.connectedHost());
    const agent = await this.connected();
    const { body } = request;
    const isBulk = body instanceof Uint8Array;
    const answer = await agent.request({
      origin: this.origin(),
      path: `${this.config.pathPrefix.replace(/\/$/, "")}${request.path}`,
      method: request.method,
      signal,
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      headers: {
        accept: "application/json",
        ...(body && { "content-type": isBulk ? "application/x-ndjson" : "application/json" }),
        ...this.authorization(),
        "x-opaque-id": encodeURIComponent(this.options.name).slice(0, 100),
      },
      ...(body && { body: isBulk ? body : JSON.stringify(body) }),
    });
    return take(answer, request);
  }

  private origin(): string {
    const { host, port, ssl } = this.config;
    return `${ssl === "disable" ? "http" : "https"}://${host.includes(":") ? `[${host}]` : host}:${port}`;
  }

  /** The host as the client reads it: in an address `169.254.169.254.` is the number, which no lookup is asked for. */
  private connectedHost(): string {
    const url = URL.parse(this.origin());
    return url ? url.hostname.replace(/^\[|\]$/g, "") : this.config.host;
  }

  private authorization(): Record<string, string> {
    const { apiKey, user, password } = this.config;
    if (apiKey) return { authorization: `ApiKey ${apiKey}` };
    if (!user) return {};
    return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}` };
  }

  private connected(): Promise<Agent> {
    if (this.closed)
      throw new StoreError("cancelled", "The store was closed. Nothing was changed.", { key: "cancelled" });
    this.agent ??= this.connect();
    return this.agent;
  }

  private async connect(): Promise<Agent> {
    const { Agent } = await import("undici");
    const { ssl, ca } = this.config;
    return new Agent({
      connections: Math.max(1, this.options.connections),
      keepAliveTimeout: 10_000,
      connect: {
        timeout: Math.min(CONNECT_TIMEOUT_MS, this.options.timeoutMs),
        lookup: this.guard.lookup,
        rejectUnauthorized: ssl === "verify-full",
        ...(ca?.trim() && { ca }),
      },
    });
  }
}

async function take(answer: Dispatcher.ResponseData, request: EsRequest): Promise<Buffer> {
  const type = String(answer.headers["content-type"] ?? "");
  const status = answer.statusCode;
  const isJson = /[/+]json/i.test(type);
  if (status >= 400) throw failure(status, await beginning(answer), isJson, type);
  if (request.method !== "HEAD" && !isJson) {
    void answer.body.dump({ limit: MAX_FAILURE_BYTES }).catch(() => undefined);
    throw notElasticsearch(status, type);
  }
  if (request.maxBytes !== undefined) return drained(answer, request.maxBytes);
  return drained(answer, MAX_ANSWER_BYTES).catch((error: unknown) => {
    throw error instanceof TooLong ? endlessAnswer(MAX_ANSWER_BYTES, error) : error;
  });
}

/** As much of an answer's body as is worth reading to tell why it failed. */
async function beginning(answer: Dispatcher.ResponseData): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of answer.body) {
    chunks.push(chunk as Buffer);
    length += (chunk as Buffer).length;
    if (length > MAX_FAILURE_BYTES) break;
  }
  return Buffer.concat(chunks, length);
}

async function drained(answer: Dispatcher.ResponseData, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of answer.body) {
    chunks.push(chunk as Buffer);
    length += (chunk as Buffer).length;
    if (length > maxBytes) throw new TooLong();
  }
  return chunks.length === 1 ? (chunks[0] ?? Buffer.alloc(0)) : Buffer.concat(chunks, length);
}

function failure(status: number, bytes: Buffer, isJson: boolean, type: string): StoreError {
  if (!isJson && bytes.length > 0 && status !== 401 && status !== 429) return notElasticsearch(status, type);
  try {
    const { error } = JSON.parse(bytes.toString("utf8")) as { error?: ServerError | string };
    return serverError(status, error);
  } catch {
    return serverError(status, undefined);
  }
}
