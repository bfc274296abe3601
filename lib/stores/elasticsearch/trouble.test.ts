import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import {
  createServer as createHttp,
  type IncomingMessage,
  type RequestListener,
  type Server,
} from "node:http";
import { createServer as createHttps } from "node:https";
import { type AddressInfo, createServer as createTcp, type Server as TcpServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { digestOf, options, readAll } from "@/lib/stores/conformance-fixture";
import { elasticsearchConfigSchema, parseElasticsearchUrl } from "@/lib/stores/elasticsearch/config";
import { ES_SERVERS, EsAdmin, openEs, rowsOfStore } from "@/lib/stores/elasticsearch/testing";
import type { FamilyScope } from "@/lib/stores/rows";
import type { Store } from "@/lib/stores/store";
import { testServer } from "@/lib/stores/testing/servers";
import { startProxy } from "@/lib/stores/testing/tcp-proxy";

const signal = () => AbortSignal.timeout(20_000);
const stores: Store[] = [];
const servers: (Server | TcpServer)[] = [];
const folder = mkdtempSync(join(tmpdir(), "strata-es-trouble-"));
afterAll(async () => {
  for (const store of stores) await store.close();
  for (const server of servers) server.close();
  rmSync(folder, { recursive: true, force: true });
});

const open = (port: number, more: Parameters<typeof openEs>[2] = {}, access: "read" | "write" = "write") => {
  const store = openEs({ host: "127.0.0.1", port }, access, { timeoutMs: 2_000, ...more });
  stores.push(store);
  return store;
};
const keyOf = (store: Store) =>
  store.check(signal()).then(
    (health) => health.version,
    (error: { key?: string }) => error.key,
  );
async function listening(server: Server | TcpServer): Promise<number> {
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}
const http = (answer: RequestListener) => listening(createHttp(answer));
const json =
  (status: number, body: object): RequestListener =>
  (_request, response) =>
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
const security = { type: "security_exception", reason: "no" };

describe("what answers is not a search server", () => {
  test.each([
    [200, "text/html", "<html>Welcome</html>"],
    [502, "text/html", "<html>Bad gateway</html>"],
    [404, "text/html", "<html>Not found</html>"],
    [200, "application/json", '{"hello":"world"}'],
    [200, "application/json", "[]"],
    [200, "text/plain", ""],
  ])("%i %s %s", async (status, type, body) => {
    const port = await http((_request, response) =>
      response.writeHead(status, { "content-type": type }).end(body),
    );
    expect(await keyOf(open(port))).toBe("elasticsearch.notElasticsearch");
  });
  test("another protocol", async () => {
    const port = await listening(
      createTcp((socket) => socket.on("error", () => undefined).end("SSH-2.0-OpenSSH_9.2\r\n")),
    );
    expect(await keyOf(open(port))).toBe("elasticsearch.otherProtocol");
  });
  test("a port that takes connections and says nothing ends in time", async () => {
    const port = await listening(createTcp((socket) => socket.on("error", () => undefined)));
    expect(await keyOf(open(port, { timeoutMs: 300 }))).toBe("elasticsearch.noAnswerInTime");
  });
  test("a host that does not resolve, one that is forbidden", async () => {
    const at = (host: string) => {
      const store = openEs({ host, port: 9_200 }, "read", { timeoutMs: 3_000 });
      stores.push(store);
      return store;
    };
    expect(await keyOf(at("nowhere.invalid"))).toBe("elasticsearch.host");
    expect(await keyOf(at("169.254.169.254"))).toBe("hostForbidden");
    // In an address both are the number, and no lookup is asked for a number.
    expect(await keyOf(at("169.254.169.254."))).toBe("hostForbidden");
    expect(await keyOf(at("0xa9fea9fe"))).toBe("hostForbidden");
  });
  test.each(["u@169.254.169.254", "169%2e254.169.254", "h/x", "h?x", "h#x", "[::1]", "a b"])(
    "%s is no host",
    (host) => {
      expect(elasticsearchConfigSchema.safeParse({ host }).success).toBe(false);
    },
  );
  test.each([
    [200, "text/html", "elasticsearch.notElasticsearch"],
    [502, "text/html", "elasticsearch.notElasticsearch"],
    [500, "application/json", "elasticsearch.server"],
    [200, "application/json", "elasticsearch.endless"],
  ])("an answer %i %s that never ends is broken off", async (status, type, key) => {
    let ended: () => void = () => undefined;
    const hungUp = new Promise<void>((done) => {
      ended = done;
    });
    const piece = Buffer.alloc(1024 * 1024, 32);
    const port = await http((_request, response) => {
      response.writeHead(status, { "content-type": type });
      response.once("close", ended);
      const more = () => {
        while (!response.destroyed && response.write(piece));
        if (!response.destroyed) response.once("drain", more);
      };
      more();
    });
    expect(await keyOf(open(port, { timeoutMs: 20_000 }))).toBe(key);
    await hungUp;
  });
});

describe("an account", () => {
  test("with a wrong password, or without a privilege, is told so", async () => {
    const wrong = await http(json(401, { error: security, status: 401 }));
    expect(await keyOf(open(wrong))).toBe("elasticsearch.password");
    const poor = await http(json(403, { error: security, status: 403 }));
    await expect(open(poor).check(signal())).rejects.toMatchObject({
      code: "forbidden",
      key: "elasticsearch.right",
    });
  });
  test("signs in by password or by API key, at a path of its own", async () => {
    const seen: string[] = [];
    const port = await http((request, response) => {
      seen.push(`${request.url} ${request.headers.authorization}`);
      json(200, request.url === "/es/" ? { version: { number: "8.1.0" } } : {})(request, response);
    });
    await open(port, { config: { user: "me", password: "p:ä", pathPrefix: "/es/" } })
      .check(signal())
      .catch(() => undefined);
    expect(seen[0]).toBe(`/es/ Basic ${Buffer.from("me:p:ä").toString("base64")}`);
    await open(port, { config: { apiKey: "abc==", user: "me" } })
      .check(signal())
      .catch(() => undefined);
    expect(seen.at(-1)).toMatch(/ApiKey abc==$/);
  });
});

describe("TLS", () => {
  const certificate = (name: string, days: string) => {
    const [key, cert] = [join(folder, `${name}${days}.key`), join(folder, `${name}${days}.pem`)];
    const subject = [
      "-subj",
      `/CN=${name}`,
      "-addext",
      `subjectAltName=${/^\d/.test(name) ? "IP" : "DNS"}:${name}`,
    ];
    const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
    const quiet = { stdio: "ignore" } as const;
    execFileSync("openssl", ["req", "-x509", ...curve, "-keyout", key, "-out", cert, ...subject], quiet);
    // Signed again: only so the last day can lie in the past.
    const again = ["-signkey", key, "-days", days, "-copy_extensions", "copyall", "-out", cert];
    execFileSync("openssl", ["x509", "-in", cert, ...again], quiet);
    return { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") };
  };
  const secure = (pair: { key: string; cert: string }) =>
    listening(createHttps(pair, json(401, { error: security })));

  test("is used, and its certificate checked", async () => {
    const pair = certificate("127.0.0.1", "2");
    const port = await secure(pair);
    expect(await keyOf(open(port, { config: { ssl: "verify-full", ca: pair.cert } }))).toBe(
      "elasticsearch.password",
    );
    expect(await keyOf(open(port, { config: { ssl: "require" } }))).toBe("elasticsearch.password");
    expect(await keyOf(open(port, { config: { ssl: "verify-full" } }))).toBe("elasticsearch.certificate");
    expect(await keyOf(open(port, { config: { ssl: "disable" } }))).toBe("elasticsearch.connection");
  });
  test("of another host, or expired, is refused", async () => {
    const other = certificate("other.example.com", "2");
    const ssl = "verify-full";
    expect(await keyOf(open(await secure(other), { config: { ssl, ca: other.cert } }))).toBe(
      "elasticsearch.certificateHost",
    );
    const old = certificate("127.0.0.1", "-1");
    expect(await keyOf(open(await secure(old), { config: { ssl, ca: old.cert } }))).toBe(
      "elasticsearch.certificateExpired",
    );
  });
  test("that the port does not speak is said so", async () => {
    const port = await http(json(200, {}));
    expect(await keyOf(open(port, { config: { ssl: "require" } }))).toBe("elasticsearch.tls");
  });
});

test("an address names its parts, and no parameter is read", () => {
  expect(parseElasticsearchUrl("https://u:p%40w@[::1]:9243/es/")).toEqual({
    ...{ host: "::1", port: 9_243, ssl: "verify-full", user: "u", password: "p@w", pathPrefix: "/es" },
  });
  expect(() => parseElasticsearchUrl("http://h:9200?ca=/etc/passwd&x=1")).toThrow("ca, x");
  expect(() => parseElasticsearchUrl("postgres://h")).toThrow("http://");
  expect(() => parseElasticsearchUrl("http://u:p%@h")).toThrow("password");
});

const INDEX = "strata-trouble";
const scope: FamilyScope = {
  members: [{ table: { schema: "index", name: INDEX }, key: ["_id"], columns: [], via: null }],
  time: { column: "at", unit: "timestamptz" },
  fromUs: null,
  untilUs: null,
};
const DOCS = 400;

for (const name of ES_SERVERS) {
  const server = testServer(name);
  describe.skipIf(!server)(`a connection to ${name}`, () => {
    if (!server) return;
    const admin = new EsAdmin(server);
    const documents = Object.fromEntries(
      Array.from({ length: DOCS }, (_, n) => [
        `d${n}`,
        JSON.stringify({
          at: new Date(Date.UTC(2025, 0, 1) + n * 1_000).toISOString(),
          text: `${n} ${"x".repeat(2_000)}`,
        }),
      ]),
    );
    const fill = async () => {
      await admin.drop(INDEX);
      await admin.make(INDEX, { at: { type: "date" }, text: { type: "text", index: false } });
      await admin.index(INDEX, documents);
    };
    const count = async () => (await admin.send<{ count: number }>("GET", `/${INDEX}/_count`)).count;
    const exported = async (store: Store) => {
      const batches = await readAll(rowsOfStore(store), scope, { batchRows: 1_000, versions: true });
      return batches.map((batch) => ({
        batch,
        part: {
          member: 0,
          keys: (batch.vectors[0]?.values ?? []).map((value) => [
            Buffer.from(value as Uint8Array).toString(),
          ]),
          digests: batch.digests,
          versions: batch.versions,
        },
      }));
    };
    /** A server that passes everything on, but for the answers that the test changes. */
    const between = async (change: (request: IncomingMessage, body: Buffer) => Buffer | null) =>
      http(async (request, response) => {
        const chunks: Buffer[] = [];
        for await (const chunk of request) chunks.push(chunk as Buffer);
        const body = Buffer.concat(chunks);
        const own = change(request, body);
        if (own) return void response.writeHead(200, { "content-type": "application/json" }).end(own);
        const answer = await fetch(`${server.url}${request.url}`, {
          method: request.method,
          headers: { "content-type": request.headers["content-type"] ?? "application/json" },
          ...(body.length > 0 && { body }),
        });
        response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "" });
        response.end(Buffer.from(await answer.arrayBuffer()));
      });
    beforeAll(fill);
    afterAll(() => admin.drop(INDEX));

    test("cut in the middle of a reading is an error, and reading goes on from the last cursor", async () => {
      const proxy = await startProxy(server);
      const rows = rowsOfStore(open(proxy.port, { timeoutMs: 5_000 }));
      const seen: string[] = [];
      let after: readonly string[] | null = null;
      proxy.cutAfter(300_000);
      const read = async () => {
        for await (const batch of rows.read(scope, options({ batchRows: 10, after }), signal())) {
          seen.push(
            ...(batch.vectors[0]?.values ?? []).map((value) => Buffer.from(value as Uint8Array).toString()),
          );
          after = batch.end;
        }
      };
      await expect(read()).rejects.toMatchObject({ code: "unreachable", key: "elasticsearch.connection" });
      await read();
      expect(seen).toEqual(Object.keys(documents));
      await proxy.close();
    }, 30_000);

    test("that hangs ends in time", async () => {
      const proxy = await startProxy(server);
      const store = open(proxy.port, { timeoutMs: 500 });
      proxy.hang();
      await expect(store.tables(signal())).rejects.toMatchObject({ code: "timeout" });
      await expect(rowsOfStore(store).count(scope, signal())).rejects.toMatchObject({ code: "timeout" });
      await proxy.close();
    });

    test("cut in the middle of a deletion loses nothing: the next attempt finds out", async () => {
      await fill();
      const [one] = await exported(open(server.port));
      if (!one) throw new Error("nothing read");
      const proxy = await startProxy(server);
      const rows = rowsOfStore(open(proxy.port, { timeoutMs: 5_000 }));
      await rows.describe({ schema: "index", name: INDEX }, signal());
      proxy.cutAfter(2_500, "down");
      await expect(rows.deleteRows?.(scope, [one.part], signal())).rejects.toMatchObject({
        code: "unreachable",
      });
      const after = rowsOfStore(open(server.port));
      const { deleted, kept } = (await after.deleteRows?.(scope, [one.part], signal())) ?? {};
      expect(kept).toEqual([]);
      expect(Number(deleted?.[0]?.rowCount)).toBeLessThanOrEqual(DOCS);
      expect(await count()).toBe(0);
      await proxy.close();
    }, 30_000);

    test("items that the server has no room for are sent again, and failed ones listed", async () => {
      await fill();
      const [one] = await exported(open(server.port));
      if (!one) throw new Error("nothing read");
      let refused = 0;
      const busy = { type: "es_rejected_execution_exception", reason: "queue full" };
      const port = await between((request, body) => {
        if (!request.url?.startsWith("/_bulk") || refused > 0) return null;
        const lines = body.toString().trim().split("\n");
        refused = lines.length;
        const items = lines.map(() => ({ delete: { _index: INDEX, status: 429, error: busy } }));
        return Buffer.from(JSON.stringify({ errors: true, items }));
      });
      const result = await rowsOfStore(open(port, { timeoutMs: 5_000 })).deleteRows?.(
        scope,
        [one.part],
        signal(),
      );
      expect(refused).toBe(DOCS);
      expect(result).toEqual({ deleted: [digestOf([one.batch])], kept: [] });
      // A field that became a number meanwhile refuses the texts: each is listed, the others are written.
      await admin.drop(INDEX);
      await admin.make(INDEX, { at: { type: "date" }, text: { type: "long" } });
      const [member] = scope.members;
      if (!member) throw new Error("no member");
      const written = await rowsOfStore(open(server.port, { timeoutMs: 10_000 })).write(
        member,
        one.batch,
        signal(),
      );
      expect(written.conflicts).toHaveLength(DOCS);
      expect(written.conflicts[0]).toMatchObject({ key: ["d0"], reason: "rejected" });
    }, 30_000);

    test("past the flood stage nothing is deleted, and the sentence says why", async () => {
      await fill();
      const [one] = await exported(open(server.port));
      const block = (on: true | null) =>
        admin.send("PUT", `/${INDEX}/_settings`, { "index.blocks.read_only_allow_delete": on });
      await block(true);
      try {
        const store = open(server.port, { timeoutMs: 10_000 });
        await expect(
          rowsOfStore(store).deleteRows?.(scope, one ? [one.part] : [], signal()),
        ).rejects.toMatchObject({
          key: expect.stringMatching(/elasticsearch\.(flooded|blocked)/),
        });
        const health = await store.check(signal());
        expect(health.limits.map(({ key }) => key)).toContain("esFlooded");
      } finally {
        await block(null);
      }
      expect(await count()).toBe(DOCS);
    }, 30_000);

    test("a pipeline that alters what is written is found out, and what was written taken out again", async () => {
      await fill();
      const [one] = await exported(open(server.port));
      const [member] = scope.members;
      if (!one || !member) throw new Error("nothing read");
      const processors = [{ script: { source: "ctx.extra = 1" } }];
      const made = await admin
        .send("PUT", "/_ingest/pipeline/strata-trouble", { processors })
        .catch(() => null);
      if (!made) return; // this build has no script processor
      await admin.drop(INDEX);
      await admin.make(INDEX, { at: { type: "date" } }, { "index.final_pipeline": "strata-trouble" });
      const rows = rowsOfStore(open(server.port, { timeoutMs: 10_000 }));
      await expect(rows.write(member, one.batch, signal())).rejects.toMatchObject({ code: "corrupt" });
      expect(await count()).toBe(0);
      await admin.drop(INDEX);
      await admin.send("DELETE", "/_ingest/pipeline/strata-trouble");
    }, 30_000);

    test("every search is asked to fail rather than to leave out what a shard did not answer", async () => {
      await fill();
      const searches: string[] = [];
      const port = await between(({ url = "" }) => {
        if (url.includes("/_search?")) searches.push(url);
        return null;
      });
      const batches = await readAll(rowsOfStore(open(port, { timeoutMs: 10_000 })), scope, {
        batchRows: 1_000,
      });
      expect(batches[0]?.rowCount).toBe(DOCS);
      expect(searches.length).toBeGreaterThan(0);
      for (const url of searches) expect(url).toContain("allow_partial_search_results=false");
    });
  });
}
