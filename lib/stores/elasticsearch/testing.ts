import { elasticsearchConfigSchema } from "@/lib/stores/elasticsearch/config";
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
      ...(body !== undefined && {
        body: typeof body === "string" ? body : JSON.stringify(body),
        headers: { "content-type": path.startsWith("/_bulk") ? "application/x-ndjson" : "application/json" },
      }),
    });
    const text = await answer.text();
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
