import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer as createTlsServer } from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readAll } from "@/lib/stores/conformance-fixture";
import { parseRedisUrl, redisConfigSchema } from "@/lib/stores/redis/config";
import { redisDriver } from "@/lib/stores/redis/store";
import { scopeOf, type TestRedis, testRedis } from "@/lib/stores/redis/testing";
import type { Store } from "@/lib/stores/store";
import { testServer } from "@/lib/stores/testing/servers";
import { startProxy, type TcpProxy } from "@/lib/stores/testing/tcp-proxy";

const signal = () => AbortSignal.timeout(20_000);

describe("an address", () => {
  test("is taken apart", () => {
    expect(parseRedisUrl("redis://us%40er:p%2Fw@db.example.com:6380/3")).toEqual({
      ssl: "disable",
      host: "db.example.com",
      port: 6380,
      database: 3,
      user: "us@er",
      password: "p/w",
    });
    expect(parseRedisUrl("rediss://[::1]")).toEqual({ ssl: "verify-full", host: "::1" });
  });
  test.each([
    "unix:/var/run/redis.sock",
    "redis+unix:///run/redis.sock",
    "/run/redis.sock",
    "redis-socket:///x",
  ])("%s is refused", (text) => {
    expect(() => parseRedisUrl(text)).toThrow(/^unix: is not accepted/);
  });
  test.each(["path=/run/redis.sock", "tls.ca=/etc/passwd&sentinels=x", "db=1", "password=x"])(
    "with %s is refused by name",
    (query) => {
      for (const part of query.split("&")) {
        expect(() => parseRedisUrl(`redis://h?${query}`)).toThrow(part.split("=")[0]);
      }
    },
  );
  test.each(["http://h", "h:6379", "redis://u:%zz@h", "redis://h/logs", "redis://a:1,b:2"])(
    "%s is refused",
    (text) => {
      expect(() => parseRedisUrl(text)).toThrow();
    },
  );
  test("no field takes the path of a socket", () => {
    expect(redisConfigSchema.safeParse({ host: "/run/redis.sock" }).success).toBe(false);
  });
});

const stores: Store[] = [];
const openAt = (
  address: { host: string; port: number },
  more: Record<string, unknown> = {},
  timeoutMs = 3_000,
) => {
  const config = redisConfigSchema.parse({ host: address.host, port: address.port, ...more });
  const store = redisDriver.open(config, { access: "write", name: "strata test", timeoutMs, connections: 2 });
  stores.push(store);
  return store;
};
afterAll(() => Promise.all(stores.map((store) => store.close())));

const listening = (server: Server): Promise<{ host: string; port: number }> =>
  new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () =>
      resolve({ host: "127.0.0.1", port: (server.address() as AddressInfo).port }),
    );
  });

describe("a server that is none of ours", () => {
  test("speaks HTTP", async () => {
    const server = createHttpServer();
    const store = openAt(await listening(server));
    await expect(store.check(signal())).rejects.toMatchObject({ code: "unreachable", key: "redis.protocol" });
    server.close();
  });
  test("greets like MySQL", async () => {
    const server = createServer(
      (socket) => void socket.on("error", () => undefined).write("J\0\0\0\n8.0.36\0"),
    );
    const store = openAt(await listening(server));
    await expect(store.check(signal())).rejects.toMatchObject({ code: "unreachable", key: "redis.protocol" });
    server.close();
  });
  test("closes at once", async () => {
    const server = createServer((socket) => socket.on("error", () => undefined).destroy());
    const store = openAt(await listening(server));
    await expect(store.check(signal())).rejects.toMatchObject({ code: "unreachable" });
    server.close();
  });
  test("takes connections and says nothing", async () => {
    const server = createServer((socket) => void socket.on("error", () => undefined));
    const store = openAt(await listening(server), {}, 300);
    const begun = Date.now();
    await expect(store.check(signal())).rejects.toMatchObject({ code: "timeout" });
    expect(Date.now() - begun).toBeLessThan(3_000);
    server.close();
  });
  test("does not resolve", async () => {
    const store = openAt({ host: "no-such-host.invalid", port: 6379 });
    await expect(store.check(signal())).rejects.toMatchObject({ code: "unreachable", key: "redis.host" });
  });
  test("leads to a metadata address", async () => {
    const store = openAt({ host: "169.254.169.254", port: 80 });
    await expect(store.check(signal())).rejects.toMatchObject({ code: "refused", key: "hostForbidden" });
  });
  test.each([
    ["LOADING Redis is loading the dataset in memory", "unreachable", "redis.loading", true],
    ["MASTERDOWN Link with MASTER is down", "unreachable", "redis.masterDown", true],
    ["CLUSTERDOWN The cluster is down", "unreachable", "redis.clusterDown", true],
    ["NOAUTH Authentication required.", "forbidden", "redis.noPassword", false],
    ["DENIED Redis is running in protected mode", "forbidden", "redis.protectedMode", false],
    ["BUSY Redis is busy running a script.", "unreachable", "redis.busy", true],
    ["SOMETHING else", "internal", "redis.other", false],
  ])("answers %s", async (reply, code, key, retryable) => {
    const server = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.on("data", () => socket.write(`-${reply}\r\n`));
    });
    const store = openAt(await listening(server));
    await expect(store.check(signal())).rejects.toMatchObject({ code, key, retryable });
    server.close();
  });
});

describe("TLS", () => {
  const folder = mkdtempSync(join(tmpdir(), "strata-redis-tls-"));
  const servers: Server[] = [];
  afterAll(() => {
    for (const server of servers) server.close();
    rmSync(folder, { recursive: true, force: true });
  });
  /** A server that says PONG and nothing else, with a certificate for that name. */
  const tlsServer = async (name: string, days: string) => {
    const [key, cert] = [join(folder, `${name}${days}.key`), join(folder, `${name}${days}.pem`)];
    const subject = [
      "-subj",
      `/CN=${name}`,
      "-addext",
      `subjectAltName=${/^\d/.test(name) ? "IP" : "DNS"}:${name}`,
    ];
    execFileSync(
      "openssl",
      [
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-keyout",
        key,
        "-out",
        cert,
        ...subject,
      ],
      { stdio: "ignore" },
    );
    // Signed again: only so the last day can lie in the past.
    const again = [
      "x509",
      "-in",
      cert,
      "-signkey",
      key,
      "-days",
      days,
      "-copy_extensions",
      "copyall",
      "-out",
      cert,
    ];
    execFileSync("openssl", again, { stdio: "ignore" });
    const server = createTlsServer({ key: readFileSync(key), cert: readFileSync(cert) }, (socket) => {
      socket.on("error", () => undefined);
      socket.on("data", () => socket.write("-LOADING behind TLS\r\n"));
    });
    server.on("tlsClientError", () => undefined);
    servers.push(server);
    return { address: await listening(server), ca: readFileSync(cert, "utf8") };
  };
  const keyOf = (store: Store) =>
    store.check(signal()).then(
      () => "",
      (error: { key?: string }) => error.key,
    );

  test("is used, and its certificate checked", async () => {
    const { address, ca } = await tlsServer("127.0.0.1", "2");
    expect(await keyOf(openAt(address, { ssl: "verify-full", ca }))).toBe("redis.loading");
    expect(await keyOf(openAt(address, { ssl: "require" }))).toBe("redis.loading");
    expect(await keyOf(openAt(address, { ssl: "verify-full" }))).toBe("redis.certificate");
  });
  test("with a certificate for another host is refused", async () => {
    const { address, ca } = await tlsServer("other.example.com", "2");
    expect(await keyOf(openAt(address, { ssl: "verify-full", ca }))).toBe("redis.certificateHost");
  });
  test("with an expired certificate is refused", async () => {
    const { address, ca } = await tlsServer("127.0.0.1", "-1");
    expect(await keyOf(openAt(address, { ssl: "verify-full", ca }))).toBe("redis.certificateExpired");
    expect(await keyOf(openAt(address, { ssl: "require" }))).toBe("redis.loading");
  });
  test("that the server does not speak is said so", async () => {
    const server = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.on("data", () => socket.write("-ERR unknown command\r\n"));
    });
    servers.push(server);
    expect(await keyOf(openAt(await listening(server), { ssl: "require" }))).toBe("redis.tlsRefused");
  });
});

const server = testServer("redis");

describe.skipIf(!server)("a connection to Redis", () => {
  const stream = "trouble:logs";
  let redis: TestRedis;
  let proxy: TcpProxy;
  beforeAll(async () => {
    if (!server) return;
    redis = testRedis(server);
    proxy = await startProxy(server);
    const client = await redis.client();
    await client.del(stream);
    for (let n = 0; n < 400; n += 1)
      await client.xadd(stream, `${1_767_225_600_000 + n}-1`, "n", "x".repeat(2_000));
  });
  afterAll(async () => {
    if (!server) return;
    await (await redis.client()).del(stream);
    await redis.close();
    await proxy.close();
  });
  const through = (timeoutMs = 3_000) =>
    redis.open("write", { host: proxy.host, port: proxy.port }, timeoutMs);
  const rowsOf = ({ rows }: Store) => {
    if (!rows) throw new Error("no rows");
    return rows;
  };

  test.each([
    [{ password: "wrong" }, "redis.password"],
    [{ user: "nobody" }, "redis.password"],
    [{ password: "" }, "redis.noPassword"],
  ])("with %o is refused", async (more, key) => {
    await expect(redis.open("read", more).check(signal())).rejects.toMatchObject({ code: "forbidden", key });
  });

  test("to a database that is not there is refused", async () => {
    await expect(redis.open("read", { database: 4_000 }).check(signal())).rejects.toMatchObject({
      key: "redis.other",
    });
  });

  test("that is cut in mid-batch ends the read; the next call connects anew", async () => {
    const store = through();
    expect((await store.check(signal())).version).not.toBe("");
    proxy.cutAfter(300_000);
    const failed = readAll(rowsOf(store), scopeOf(stream), { batchRows: 50 });
    await expect(failed).rejects.toMatchObject({ code: "unreachable", retryable: true });
    await proxy.heal();
    const batches = await readAll(rowsOf(store), scopeOf(stream), { batchRows: 50 });
    expect(batches.reduce((sum, { rowCount }) => sum + rowCount, 0)).toBe(400);
  });

  test("that hangs ends in time; the next call connects anew", async () => {
    const store = through(400);
    await store.check(signal());
    proxy.hang();
    const begun = Date.now();
    await expect(store.tables(signal())).rejects.toMatchObject({ code: "timeout" });
    expect(Date.now() - begun).toBeLessThan(3_000);
    await proxy.heal();
    proxy.drop();
    expect((await store.check(signal())).version).not.toBe("");
  });

  test("that breaks while entries are deleted loses none that was not asked for; again, it ends", async () => {
    const store = through();
    const rows = rowsOf(store);
    const batches = await readAll(
      rows,
      { ...scopeOf(stream), untilUs: 1_767_225_600_100_000n },
      { batchRows: 1_000 },
    );
    const part = {
      member: 0,
      keys: batches.flatMap(({ vectors }) => vectors[0]?.values.map((value) => [String(value)]) ?? []),
      digests: batches.flatMap(({ digests }) => digests),
    };
    proxy.cutAfter(2_000, "up");
    await expect(rows.deleteRows?.(scopeOf(stream), [part], signal())).rejects.toMatchObject({
      retryable: true,
    });
    await proxy.heal();
    const again = await rows.deleteRows?.(scopeOf(stream), [part], signal());
    expect(again?.kept).toEqual([]);
    expect(await (await redis.client()).xlen(stream)).toBe(300);
  });
});
