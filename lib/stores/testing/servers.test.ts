import { connect } from "node:net";
import pg from "pg";
import { describe, expect, test } from "vitest";
import { startOwnServer } from "@/lib/stores/testing/own-server";
import type { TestServer } from "@/lib/stores/testing/server-file";
import { testServer } from "@/lib/stores/testing/servers";

/** What every driver's tests lean on: each server that is here speaks its protocol and wants its password. */
function onServer(name: string, tests: (server: TestServer) => void): void {
  const server = testServer(name);
  if (server) describe(name, () => tests(server));
}

/** Sends bytes to a port and listens until what came back matches. */
function ask(url: string, sent: string | Buffer, expected: RegExp): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    let heard = "";
    socket.on("error", reject);
    socket.on("close", () => reject(new Error(`closed after ${heard}`)));
    socket.on("data", (chunk: Buffer) => {
      heard += chunk.toString("latin1");
      if (!expected.test(heard)) return;
      resolve(heard);
      socket.destroy();
    });
    socket.write(sent);
  });
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}

onServer("redis", ({ url, user, password }) => {
  test("wants the password", async () => {
    await ask(url, "PING\r\n", /^-NOAUTH/);
    await ask(url, "AUTH wrong\r\n", /^-WRONGPASS/);
    await ask(url, `AUTH ${user} ${password}\r\nPING\r\n`, /^\+OK\r\n\+PONG/);
  });

  test("that a test has for itself ends, starts again with its data, and goes", async () => {
    const own = await startOwnServer("redis");
    const login = `AUTH ${own.password}\r\n`;
    await ask(own.url, `${login}SET a kept\r\n`, /\+OK\r\n\+OK/);
    await own.end();
    await expect(ask(own.url, login, /./)).rejects.toThrow("ECONNREFUSED");
    await own.start();
    await ask(own.url, `${login}GET a\r\n`, /kept/);
    await own.kill();
    await own.start();
    await ask(own.url, `${login}GET a\r\n`, /kept/);
    await own.close();
    await expect(ask(own.url, login, /./)).rejects.toThrow("ECONNREFUSED");
  });
});

onServer("redis-cluster", ({ urls, password }) => {
  test("has three nodes that know of each other", async () => {
    expect(urls).toHaveLength(3);
    for (const url of urls)
      await ask(url, `AUTH ${password}\r\nCLUSTER INFO\r\n`, /state:ok[\s\S]*assigned:16384[\s\S]*size:3/);
  });
});

onServer("mariadb", ({ url, user }) => {
  test("greets", () => ask(url, "", /MariaDB[\s\S]*mysql_native_password/));
  test("has a user", () => expect(user).not.toBe(""));
});

onServer("mongodb", ({ url }) => {
  test("answers the drivers' first question", async () => {
    const fields = "\x10isMaster\0\x01\0\0\0\x02$db\0\x06\0\0\0admin\0\0";
    const document = Buffer.concat([int32(4 + fields.length), Buffer.from(fields, "latin1")]);
    const opMessage = [
      int32(21 + document.length),
      int32(1),
      int32(0),
      int32(2013),
      int32(0),
      Buffer.alloc(1),
    ];
    const message = Buffer.concat([...opMessage, document]);
    await ask(url, message, /maxWireVersion/);
  });
});

const searchServers = [
  ["opensearch-2", /^2\.19\./],
  ["opensearch-3", /^3\.5\./],
  ["elasticsearch-8", /^8\./],
] as const;
for (const [name, version] of searchServers)
  onServer(name, ({ url }) => {
    test("says its version", async () => {
      const about: unknown = await (await fetch(url)).json();
      expect(about).toMatchObject({ version: { number: expect.stringMatching(version) } });
    });
    test("splits CJK text into pairs", async () => {
      const body = JSON.stringify({ analyzer: "cjk", text: "全文检索" });
      const headers = { "content-type": "application/json" };
      const answer = await fetch(new URL("/_analyze", url), { method: "POST", headers, body });
      expect(await answer.text()).toContain("全文");
    });
  });

for (const name of ["minio", "versitygw"])
  onServer(name, ({ host, port, parameters }) => {
    test("wants a signature", async () => {
      const answer = await fetch(`http://${host}:${port}/`);
      expect(answer.status).toBe(403);
      expect(parameters.region).toBe("us-east-1");
    });
  });

onServer("postgresql-replica", ({ urls: [primary = "", standby = ""] }) => {
  const query = async (connectionString: string, sql: string) => {
    const client = new pg.Client({ connectionString });
    await client.connect();
    const { rows } = await client.query({ text: sql, rowMode: "array" }).finally(() => client.end());
    return rows[0]?.[0] as unknown;
  };
  test("has a standby that streams", async () => {
    expect(await query(primary, "SELECT pg_is_in_recovery()")).toBe(false);
    expect(await query(standby, "SELECT pg_is_in_recovery()")).toBe(true);
    expect(await query(primary, "SELECT state FROM pg_stat_replication")).toBe("streaming");
  });
  test("wants the password", async () => {
    const wrong = new URL(primary);
    wrong.password = "wrong";
    await expect(query(wrong.toString(), "SELECT 1")).rejects.toThrow("password");
  });
});
