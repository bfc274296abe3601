import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { findServer, parseAddress } from "@/lib/stores/testing/server-file";
import { addressVariable, SERVER_KINDS } from "@/lib/stores/testing/server-kinds";

describe("an address of a server", () => {
  test("is taken apart, each host on its own", () => {
    expect(parseAddress("x", "redis://default:p%40w@127.0.0.1:7001,127.0.0.1:7002/0?a=b")).toEqual({
      name: "x",
      url: "redis://default:p%40w@127.0.0.1:7001/0?a=b",
      urls: ["redis://default:p%40w@127.0.0.1:7001/0?a=b", "redis://default:p%40w@127.0.0.1:7002/0?a=b"],
      host: "127.0.0.1",
      port: 7001,
      user: "default",
      password: "p@w",
      database: "0",
      parameters: { a: "b" },
    });
  });
  test("needs neither a user nor a path", () => {
    expect(parseAddress("x", "http://[::1]:9200")).toMatchObject({
      host: "::1",
      port: 9200,
      user: "",
      database: "",
    });
  });
  test("that is none is refused by its variable's name", () => {
    expect(() => parseAddress("opensearch-2", "nonsense")).toThrow("STRATA_TEST_OPENSEARCH_2_URL");
  });
  test.each(SERVER_KINDS)("of $name names every port", (kind) => {
    const ports = [7001, 7002, 7003].slice(0, kind.portCount);
    const credentials = { user: "a b", password: "p@:/w" };
    const server = parseAddress(kind.name, kind.address(ports, credentials));
    expect(server.urls.map((url) => Number(new URL(url).port))).toEqual(ports);
    expect(["", "p@:/w"]).toContain(server.password);
  });
});

describe("a server is found", () => {
  const folder = mkdtempSync(join(tmpdir(), "strata-server-file-"));
  const file = join(folder, "servers.json");
  const started = { url: "http://127.0.0.1:1", ports: [1], processes: [], folder };
  const gone = { ...started, processes: [{ pid: 2 ** 22 + 1, startedAt: "once" }] };
  writeFileSync(file, JSON.stringify({ servers: { minio: started, redis: gone } }));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const among = (values: Record<string, string>) => (name: string) =>
    ({ STRATA_SERVERS_FILE: file, ...values })[name];

  test("in the file of what was started", () => {
    expect(findServer("minio", among({}))?.port).toBe(1);
    expect(findServer("versitygw", among({}))).toBeNull();
  });
  test("not when it was started and has ended", () => {
    expect(findServer("redis", among({}))).toBeNull();
  });
  test("at the address of one's own first", () => {
    const values = { [addressVariable("minio")]: "http://10.0.0.1:9000" };
    expect(findServer("minio", among(values))?.host).toBe("10.0.0.1");
  });
  test("nowhere when nothing was started", () => {
    expect(findServer("minio", among({ STRATA_SERVERS_FILE: join(folder, "none.json") }))).toBeNull();
  });
});
