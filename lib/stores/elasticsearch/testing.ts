import { setTimeout as pause } from "node:timers/promises";
import { elasticsearchConfigSchema } from "@/lib/stores/elasticsearch/config";
import { extraMembers } from "@/lib/stores/elasticsearch/document";
import { parseHits } from "@/lib/stores/elasticsearch/hits";
import { elasticsearchDriver } from "@/lib/stores/elasticsearch/store";
import type { OpenOptions, Store } from "@/lib/stores/store";
import type { TestServer } from "@/lib/stores/testing/server-file";

/** The servers that the tests run against, by their names in server-kinds.ts. */
export const ES_SERVERS = ["elasticsearch-8", "opensearch-2", "opensearch-3"] as const;

/** Requests of a test's own, beside the driver. */
export class EsAdmin {
  constructor(readonly server: TestServer) {}

  async send<T = unknown>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await fetch(new URL(path, this.origin()), {
      method,
      headers: this.account(),
      ...(body !== undefined && {
        body: typeof body === "string" ? body : JSON.stringify(body),
        headers: {
          ...this.account(),
          "content-type": path.startsWith("/_bulk") ? "application/x-ndjson" : "application/json",
        },
      }),
    });
    const text = await answer.text();
    if (answer.status === 429 && text.includes("circuit_breaking")) {
      // The small heap that a test server shares among test files is full for a moment.
      await pause(300);
      return this.send(method, path, body);
    }
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text.slice(0, 500)}`);
    return (text === "" ? null : JSON.parse(text)) as T;
  }

  async drop(...names: string[]): Promise<void> {
    for (const name of names)
      await this.send("DELETE", `/${encodeURIComponent(name)}?ignore_unavailable=true&expand_wildcards=all`);
  }

  async make(name: string, properties: object, settings: object = {}): Promise<void> {
    await this.send("PUT", `/${encodeURIComponent(name)}`, {
      settings: { number_of_shards: 1, number_of_replicas: 0, ...settings },
      mappings: { properties },
    });
  }

  /** Documents as their exact JSON, by id. */
  async index(name: string, documents: Readonly<Record<string, string>>): Promise<void> {
    const lines = Object.entries(documents).flatMap(([_id, source]) => [
      JSON.stringify({ index: { _index: name, _id } }),
      source,
    ]);
    const answer = await this.send<{ errors: boolean }>(
      "POST",
      "/_bulk?refresh=true",
      `${lines.join("\n")}\n`,
    );
    if (answer.errors) throw new Error(JSON.stringify(answer).slice(0, 500));
  }

  /** Every document's source as the server keeps it, by index and id. */
  async sources(...names: string[]): Promise<Map<string, string>> {
    const found = new Map<string, string>();
    for (const name of names) {
      const answer = await fetch(
        new URL(`/${encodeURIComponent(name)}/_search?size=10000&ignore_unavailable=true`, this.origin()),
        { headers: this.account() },
      );
      for (const { index, id, routing, source, scanner } of parseHits(Buffer.from(await answer.arrayBuffer()))
        .hits)
        if (source)
          found.set(
            `${index}/${id}/${routing ?? ""}`,
            scanner.bytes.toString("utf8", source.start, source.end),
          );
    }
    return found;
  }

  private account(): Record<string, string> {
    const { user, password } = this.server;
    return user === ""
      ? {}
      : { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}` };
  }

  private origin(): string {
    return `http://${this.server.host}:${this.server.port}`;
  }
}

export const configOf = (server: Pick<TestServer, "host" | "port">, more: object = {}) =>
  elasticsearchConfigSchema.parse({ host: server.host, port: server.port, ...more });

export const openEs = (
  server: Pick<TestServer, "host" | "port">,
  access: OpenOptions["access"] = "write",
  more: Partial<OpenOptions> & { config?: object } = {},
): Store => {
  const { config, ...options } = more;
  return elasticsearchDriver.open(configOf(server, config), {
    access,
    name: "strata test",
    timeoutMs: 10_000,
    connections: 4,
    ...options,
  });
};

/** Row access of a store that has it. */
export function rowsOfStore(store: Store): NonNullable<Store["rows"]> {
  if (!store.rows) throw new Error("no rows");
  return store.rows;
}

/** Documents as one can compare them: members by name, texts without needless escapes, numbers digit by digit. */
export const sameDocument = (sources: ReadonlyMap<string, string>): Record<string, Record<string, string>> =>
  Object.fromEntries(
    [...sources].map(([id, source]) => [
      id,
      Object.fromEntries([...extraMembers(source)].sort().map(([name, raw]) => [name, plain(raw)])),
    ]),
  );

const plain = (raw: string): string => (raw.startsWith('"') ? JSON.stringify(JSON.parse(raw)) : raw);
