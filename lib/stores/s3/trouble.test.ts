import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { type S3Config, s3ConfigSchema } from "@/lib/stores/s3/config";
import { s3Driver } from "@/lib/stores/s3/store";
import { type TestBucket, testBucket } from "@/lib/stores/s3/testing";
import { type S3Double, startDouble, xmlError } from "@/lib/stores/s3/testing-double";
import type { Store } from "@/lib/stores/store";
import { testServer } from "@/lib/stores/testing/servers";

const signal = () => AbortSignal.timeout(20_000);
const opened: Store[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((store) => store.close()));
});

let places = 0;
/** A store of its own each time: what was found out about a place is remembered. */
function open(
  port: number,
  more: Partial<S3Config> & { timeoutMs?: number } = {},
  access: "read" | "write" = "write",
) {
  places += 1;
  const { timeoutMs = 5_000, ...fields } = more;
  const config = s3ConfigSchema.parse({
    endpoint: `http://127.0.0.1:${port}`,
    bucket: `bucket-${places}`,
    accessKey: "key",
    secretKey: "secret",
    ...fields,
  });
  const store = s3Driver.open(config, { access, name: "test", timeoutMs, connections: 2 });
  opened.push(store);
  return store;
}

const minio = testServer("minio");
describe.skipIf(!minio)("on MinIO", () => {
  let bucket: TestBucket;
  beforeAll(async () => {
    if (minio) bucket = await testBucket(minio);
  });
  afterAll(() => bucket.remove());

  test("a check finds every right, and that the server does not overwrite", async () => {
    const health = await bucket.open().check(signal());
    expect(health).toMatchObject({ state: "healthy", version: "MinIO", limits: [] });
    expect(health.rights.map(({ name, granted }) => [name, granted])).toEqual(
      ["ListBucket", "GetObject", "PutObject", "DeleteObject", "AbortMultipartUpload"].map((name) => [
        `s3:${name}`,
        true,
      ]),
    );
    expect(await bucket.open().tables(signal())).toEqual([]);
  });
  test("a wrong secret, and a wrong key, are forbidden", async () => {
    const wrong = { code: "forbidden", key: "s3.credentials" };
    await expect(bucket.open("read", { secretKey: "wrong" }).check(signal())).rejects.toMatchObject(wrong);
    await expect(bucket.open("read", { accessKey: "nobody" }).check(signal())).rejects.toMatchObject(wrong);
  });
  test("a bucket that is not there is named", async () => {
    const none = bucket.open("write", { bucket: "no-such-bucket-here" });
    const gone = { code: "unreachable", key: "s3.bucket", retryable: false };
    await expect(none.check(signal())).rejects.toMatchObject(gone);
    await expect(none.objects?.put("k", Buffer.from("x"), signal())).rejects.toMatchObject(gone);
    await expect(none.objects?.get("k", null, signal())).rejects.toMatchObject(gone);
  });
  test("a store for reading changes nothing", async () => {
    const { objects } = bucket.open("read");
    await expect(objects?.put("k", Buffer.from("x"), signal())).rejects.toMatchObject({ code: "forbidden" });
    await expect(objects?.delete("k", signal())).rejects.toMatchObject({ code: "forbidden" });
  });
  test("TLS on a port without it is said", async () => {
    const endpoint = bucket.config.endpoint.replace("http:", "https:");
    await expect(bucket.open("read", { endpoint }).check(signal())).rejects.toMatchObject({ key: "s3.tls" });
  });
  test.each(["a//b", "", "/a", "a/", "../a", "a/./b", "a\0b", "a\\b", "x".repeat(2_000), ".strata-probe"])(
    "%j is no key",
    async (key) => {
      const { objects } = bucket.open();
      await expect(objects?.put(key, Buffer.from("x"), signal())).rejects.toMatchObject({
        code: "bad_input",
      });
      await expect(objects?.get(key, null, signal())).rejects.toMatchObject({ code: "bad_input" });
    },
  );
});

describe("what answers there", () => {
  let server: Server | null = null;
  afterEach(() => server?.close());
  const raw = async (onSocket: Parameters<typeof createServer>[1]): Promise<number> => {
    server = createServer(onSocket);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return (server.address() as AddressInfo).port;
  };

  test("nothing", async () => {
    const port = await raw(() => undefined);
    server?.close();
    await expect(open(port).check(signal())).rejects.toMatchObject({ key: "s3.refused", retryable: true });
  });
  test("a host that is not known", async () => {
    const nowhere = open(1, { endpoint: "http://no-such-host.invalid" });
    await expect(nowhere.check(signal())).rejects.toMatchObject({ key: "s3.host" });
  });
  test("a metadata address", async () => {
    const metadata = open(1, { endpoint: "http://169.254.169.254" });
    await expect(metadata.check(signal())).rejects.toMatchObject({ code: "refused", key: "hostForbidden" });
  });
  test("AWS by its region, whatever the machine's environment says", async () => {
    const targets: string[] = [];
    const proxy = createHttpServer().on("connect", (request, client) => {
      targets.push(request.url ?? "");
      client.end("HTTP/1.1 403 Forbidden\r\n\r\n");
    });
    proxy.listen(0, "127.0.0.1");
    await once(proxy, "listening");
    vi.stubEnv("AWS_ENDPOINT_URL", "http://127.0.0.1:9");
    vi.stubEnv("AWS_REGION", "eu-north-1");
    vi.stubEnv("AWS_PROFILE", "nobody");
    const through = { endpoint: "", proxy: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` };
    const fields = { ...through, region: "cn-north-1", bucket: "logs", addressing: "virtual-host" } as const;
    await expect(open(1, fields).check(signal())).rejects.toMatchObject({ key: "s3.protocol" });
    vi.unstubAllEnvs();
    proxy.close();
    expect(new Set(targets)).toEqual(new Set(["logs.s3.cn-north-1.amazonaws.com.cn:443"]));
  });
  test("silence, which ends in time", async () => {
    const port = await raw(() => undefined);
    const began = Date.now();
    await expect(open(port, { timeoutMs: 600 }).check(signal())).rejects.toMatchObject({ retryable: true });
    expect(Date.now() - began).toBeLessThan(4_000);
    const stop = AbortSignal.abort();
    await expect(open(port).check(stop)).rejects.toMatchObject({ code: "cancelled" });
  });
  test("another protocol", async () => {
    const port = await raw((socket) => {
      socket.on("error", () => undefined);
      socket.write("SSH-2.0-OpenSSH_9.2\r\n");
    });
    await expect(open(port).check(signal())).rejects.toMatchObject({ key: "s3.protocol", retryable: false });
  });
});

describe("a server that answers", () => {
  let double: S3Double;
  beforeEach(async () => {
    double = await startDouble();
  });
  afterEach(() => double.close());
  const always = (status: number, code: string) => double.answer(() => ({ status, body: xmlError(code) }));

  test("with a web page is none of S3", async () => {
    const page = "<!doctype html><html><body><h1>Welcome</h1></body></html>";
    for (const status of [200, 403, 404]) {
      double.answer(() => ({ status, body: page, type: "text/html" }));
      await expect(open(double.port).check(signal())).rejects.toMatchObject({ key: "s3.protocol" });
    }
  });
  test("503 SlowDown is asked again, and then waited for", async () => {
    always(503, "SlowDown");
    await expect(open(double.port).check(signal())).rejects.toMatchObject({
      key: "s3.busy",
      retryable: true,
    });
    expect(double.seen.length).toBeGreaterThan(1);
    let left = 2;
    double.answer(() => (left-- > 0 ? { status: 503, body: xmlError("SlowDown") } : null));
    await expect(open(double.port, {}, "read").check(signal())).resolves.toMatchObject({ version: "double" });
  });
  test("that the clocks differ", async () => {
    always(403, "RequestTimeTooSkewed");
    await expect(open(double.port).check(signal())).rejects.toMatchObject({ key: "s3.clock" });
  });
  test("that the bucket is gone while an object is put, that a token expired, that the region is another", async () => {
    const { objects } = open(double.port);
    await objects?.put("first", Buffer.from("x"), signal());
    always(404, "NoSuchBucket");
    await expect(objects?.put("k", Buffer.from("x"), signal())).rejects.toMatchObject({ key: "s3.bucket" });
    always(400, "ExpiredToken");
    await expect(open(double.port).check(signal())).rejects.toMatchObject({
      code: "forbidden",
      key: "s3.token",
    });
    always(400, "AuthorizationHeaderMalformed");
    await expect(open(double.port).check(signal())).rejects.toMatchObject({
      code: "bad_input",
      key: "s3.region",
    });
    always(507, "XMinioStorageFull");
    await expect(open(double.port).check(signal())).rejects.toMatchObject({ code: "disk_full" });
  });
  test("that overwrites is found out, and looked at before every put", async () => {
    const store = open(double.port);
    const health = await store.check(signal());
    expect(health).toMatchObject({ state: "warning", limits: [{ key: "s3NoCreateOnly" }] });
    expect([...double.objects.keys()]).toEqual([]);
    await store.objects?.put("k", Buffer.from("first"), signal());
    await expect(store.objects?.put("k", Buffer.from("second"), signal())).rejects.toMatchObject({
      code: "conflict",
    });
    const large = Buffer.alloc(9 << 20);
    await expect(store.objects?.put("k", large, signal())).rejects.toMatchObject({ code: "conflict" });
    expect([...double.objects.values()].map(String)).toEqual(["first"]);
  });
});

describe("TLS", () => {
  let folder: string;
  const pem = (name: string) => readFileSync(join(folder, name), "utf8");
  const options = (name: string) => {
    const files = ["-keyout", join(folder, `${name}.key`), "-out", join(folder, `${name}.pem`)];
    return ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", `/CN=${name}`, ...files];
  };
  const certificate = (name: string, ...more: string[]) =>
    execFileSync("openssl", [...options(name), ...more], { stdio: "pipe" });
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "strata-tls-"));
    certificate("own", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2");
    certificate("other", "-addext", "subjectAltName=DNS:other.example.com", "-days", "2");
    // The first one, signed again with yesterday as its last day.
    const again = [
      "x509",
      "-in",
      join(folder, "own.pem"),
      "-signkey",
      join(folder, "own.key"),
      "-days",
      "-1",
    ];
    execFileSync("openssl", [...again, "-out", join(folder, "expired.pem")], { stdio: "pipe" });
    copyFileSync(join(folder, "own.key"), join(folder, "expired.key"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const checkWith = async (served: string, more: Partial<S3Config>) => {
    const double = await startDouble({ key: pem(`${served}.key`), cert: pem(`${served}.pem`) });
    try {
      return await open(double.port, { endpoint: `https://127.0.0.1:${double.port}`, ...more }, "read").check(
        signal(),
      );
    } finally {
      await double.close();
    }
  };

  test("with an authority of one's own is trusted when it is given", async () => {
    const untrusted = { key: "s3.certificate", retryable: false };
    await expect(checkWith("own", {})).rejects.toMatchObject(untrusted);
    expect((await checkWith("own", { ca: pem("own.pem") })).facts.tls).toBe(true);
    await expect(checkWith("own", { ca: pem("other.pem") })).rejects.toMatchObject(untrusted);
  });
  test("of another host, or that has expired, is not trusted, unless nothing is to be checked", async () => {
    const untrusted = { key: "s3.certificate" };
    await expect(checkWith("other", { ca: pem("other.pem") })).rejects.toMatchObject(untrusted);
    await expect(checkWith("expired", { ca: pem("expired.pem") })).rejects.toMatchObject(untrusted);
    expect((await checkWith("expired", { ssl: "require" })).version).toBe("double");
  });

  test("goes through a proxy, with the proxy's user and the server's own authority", async () => {
    const double = await startDouble({ key: pem("own.key"), cert: pem("own.pem") });
    const asked: { target: string; login: string }[] = [];
    const proxy = createHttpServer();
    proxy.on("connect", (request, client) => {
      client.on("error", () => undefined);
      asked.push({ target: request.url ?? "", login: request.headers["proxy-authorization"] ?? "" });
      const server = connect(double.port, "127.0.0.1", () => {
        client.write("HTTP/1.1 200 OK\r\n\r\n");
        server.pipe(client).pipe(server);
      });
      server.on("error", () => client.destroy());
    });
    proxy.listen(0, "127.0.0.1");
    await once(proxy, "listening");
    const { port } = proxy.address() as AddressInfo;
    const login = { proxy: `http://127.0.0.1:${port}`, proxyUser: "us er", proxyPassword: "p:w" };
    try {
      const endpoint = `https://127.0.0.1:${double.port}`;
      const store = open(1, { endpoint, ca: pem("own.pem"), ...login }, "read");
      expect((await store.check(signal())).version).toBe("double");
      expect(asked[0]).toEqual({
        target: `127.0.0.1:${double.port}`,
        login: `Basic ${Buffer.from("us er:p:w").toString("base64")}`,
      });
      // The bucket stands in the host's name; the certificate is of another one, which is noticed behind the proxy.
      const virtual = {
        endpoint: "https://s3.example.com",
        addressing: "virtual-host",
        bucket: "logs",
      } as const;
      const other = open(1, { ...virtual, ca: pem("own.pem"), ...login }, "read");
      await expect(other.check(signal())).rejects.toMatchObject({ key: "s3.certificate" });
      expect(asked.at(-1)?.target).toBe("logs.s3.example.com:443");
    } finally {
      proxy.closeAllConnections();
      proxy.close();
      await double.close();
    }
  });
});

describe("an answer that never ends is broken off", () => {
  const endless = async (status: number) => {
    let ended: () => void = () => undefined;
    const hungUp = new Promise<void>((done) => {
      ended = done;
    });
    const piece = Buffer.alloc(1024 * 1024, 32);
    const server = createHttpServer((request, response) => {
      request.resume();
      response.writeHead(status, { "content-type": "application/xml" });
      response.once("close", ended);
      const more = () => {
        while (!response.destroyed && response.write(piece));
        if (!response.destroyed) response.once("drain", more);
      };
      more();
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return { server, hungUp, port: (server.address() as AddressInfo).port };
  };
  test.each([200, 403])("a listing, status %i", async (status) => {
    const { server, hungUp, port } = await endless(status);
    await expect(open(port, { timeoutMs: 20_000 }, "read").tables(signal())).rejects.toMatchObject({
      key: "s3.protocol",
    });
    await hungUp;
    server.close();
  });
});
