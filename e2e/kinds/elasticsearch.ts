import type { TestServer } from "@/lib/stores/testing/server-file";
import type { KindStory } from "./kind-story";

const INDEX = "story-logs";

async function ask(server: TestServer, method: string, path: string, body?: string): Promise<unknown> {
  const answer = await fetch(`${server.url.replace(/\/$/, "")}${path}`, {
    method,
    headers: { "content-type": body?.includes("\n") ? "application/x-ndjson" : "application/json" },
    ...(body === undefined ? {} : { body }),
  });
  if (!answer.ok && answer.status !== 404) throw new Error(`${method} ${path}: ${await answer.text()}`);
  return answer.json();
}

const MAPPING = JSON.stringify({
  settings: { number_of_shards: 1, number_of_replicas: 0 },
  mappings: {
    properties: {
      created_at: { type: "date" },
      tenant: { type: "keyword" },
      content: { type: "text", analyzer: "cjk" },
    },
  },
});

const story = (name: string): KindStory => ({
  kind: "elasticsearch",
  server: name,
  address: (server) => server.url,
  async seed(server, rows) {
    await ask(server, "DELETE", `/${INDEX}`);
    await ask(server, "PUT", `/${INDEX}`, MAPPING);
    const lines = rows.flatMap((row) => [
      JSON.stringify({ index: { _index: INDEX, _id: `row-${row.id}` } }),
      JSON.stringify({ created_at: row.at.toISOString(), tenant: row.tenant, content: row.text }),
    ]);
    await ask(server, "POST", "/_bulk?refresh=true", `${lines.join("\n")}\n`);
    return INDEX;
  },
  async count(server) {
    await ask(server, "POST", `/${INDEX}/_refresh`);
    const answer = (await ask(server, "GET", `/${INDEX}/_count`)) as { count: number };
    return answer.count;
  },
  restores: true,
  optimize: /^Plan Refresh/,
});

export const elasticsearchStory = story("elasticsearch-8");
export const opensearchStory = story("opensearch-3");
