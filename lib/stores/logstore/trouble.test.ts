import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer as createHttp } from "node:http";
import { type AddressInfo, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Batch } from "@/lib/stores/batch";
import { parseLogstoreUrl } from "@/lib/stores/logstore/config";
import { makeLogs, member, rowsOf, scopeOf } from "@/lib/stores/logstore/testing/logs";
import { READER, type TestProject, testProject } from "@/lib/stores/logstore/testing/project";
import { startProxy, type TcpProxy } from "@/lib/stores/testing/tcp-proxy";

const signal = () => AbortSignal.timeout(20_000);
let project: TestProject;
const make = (name: string, count: number, of = project) => makeLogs(of, name, count);

const READING = { member: 0, after: null, upTo: null, batchRows: 200, batchBytes: 1 << 20, digests: true };

beforeAll(async () => {
  project = await testProject();
  await make("logs", 1_000);
});
afterAll(() => project.drop());

describe("an address", () => {
  test("is taken apart", () => {
    expect(
      parseLogstoreUrl(
        "postgresql://LTAI%40x:s%2Fk@cn-hangzhou.log.aliyuncs.com:6432/my-project?sslmode=require",
      ),
    ).toEqual({
      host: "cn-hangzhou.log.aliyuncs.com",
      port: 6432,
      project: "my-project",
      accessKeyId: "LTAI@x",
      accessKeySecret: "s/k",
      ssl: "require",
    });
  });
  test.each(["sslrootcert=/etc/passwd", "options=-c%20a=b", "passfile=x&host=y"])(
    "with %s is refused",
    (query) => {
      for (const part of query.split("&"))
        expect(() => parseLogstoreUrl(`postgresql://h/p?${query}`)).toThrow(part.split("=")[0]);
    },
  );
  test.each(["", "mysql://h/p", "postgresql://h/p?sslmode=prefer", "postgresql://u:%zz@h/p"])(
    "%s is bad",
    (url) => {
      expect(() => parseLogstoreUrl(url)).toThrow(expect.objectContaining({ code: "bad_input" }));
    },
  );
});

describe("connecting", () => {
  const check = (more: Parameters<TestProject["open"]>[1]) => project.open("read", more).check(signal());
  const listening = async (server: Server) => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return (server.address() as AddressInfo).port;
  };

  test.each([
    [{ accessKeySecret: "wrong" }, "forbidden", "logstore.password"],
    [{ accessKeySecret: "" }, "forbidden", "logstore.password"],
    [{ project: "another" }, "not_found", "logstore.project"],
    [{ host: "no-such-host.invalid" }, "unreachable", "logstore.host"],
    [{ port: 1 }, "unreachable", "logstore.refused"],
    [{ ssl: "require" as const }, "unreachable", "logstore.tlsRefused"],
    [{ host: "169.254.169.254" }, "refused", "hostForbidden"],
    [{ host: "100.100.100.200" }, "refused", "hostForbidden"],
  ])("with %j fails as %s", async (more, code, key) => {
    await expect(check(more)).rejects.toMatchObject({ code, key });
  });

  test("to a port that never answers ends in time", async () => {
    const silent = createServer(() => undefined);
    const port = await listening(silent);
    const begun = Date.now();
    await expect(check({ port, timeoutMs: 500 })).rejects.toMatchObject({
      code: expect.stringMatching(/unreachable|timeout/),
    });
    expect(Date.now() - begun).toBeLessThan(3_000);
    const stop = new AbortController();
    const checking = project.open("read", { port }).check(stop.signal);
    stop.abort();
    await expect(checking).rejects.toMatchObject({ code: "cancelled" });
    silent.close();
  });

  test.each(["require", "disable"] as const)("to a server of another protocol is said (%s)", async (ssl) => {
    const http = createHttp((_, answer) => answer.end("hello"));
    const port = await listening(http);
    await expect(check({ port, ssl })).rejects.toMatchObject({ key: "logstore.notPostgres" });
    http.closeAllConnections();
    http.close();
  });
});

describe("TLS", () => {
  const folder = mkdtempSync(join(tmpdir(), "strata-logstore-tls-"));
  const pem = (name: string) => readFileSync(join(folder, name), "utf8");
  const certificate = (name: string, subject: string) =>
    execFileSync(
      "openssl",
      [
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=double",
        "-keyout",
        join(folder, `${name}.key`),
        "-out",
        join(folder, `${name}.pem`),
        "-addext",
        `subjectAltName=${subject}`,
      ],
      { stdio: "pipe" },
    );
  let own: TestProject;
  let other: TestProject;
  beforeAll(async () => {
    certificate("own", "IP:127.0.0.1");
    certificate("other", "DNS:other.example.com");
    own = await testProject({ tls: { key: pem("own.key"), cert: pem("own.pem") } });
    other = await testProject({ tls: { key: pem("other.key"), cert: pem("other.pem") } });
  });
  afterAll(async () => {
    await own.drop();
    await other.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  test("is used by default", async () => {
    expect((await own.open("read").check(signal())).facts.tls).toBe(true);
    const health = await own.open("read", { ssl: "disable" }).check(signal());
    expect(health.limits.map(({ key }) => key)).toContain("logNoTls");
  });
  test("that is to be checked needs the authority and the right host", async () => {
    const verify = { ssl: "verify-full" } as const;
    await expect(own.open("read", verify).check(signal())).rejects.toMatchObject({
      key: "logstore.certificate",
    });
    expect(
      (await own.open("read", { ...verify, ca: pem("own.pem") }).check(signal())).latencyMs,
    ).toBeGreaterThan(0);
    await expect(
      other.open("read", { ...verify, ca: pem("other.pem") }).check(signal()),
    ).rejects.toMatchObject({
      key: "logstore.certificate",
      retryable: false,
    });
  });
});

describe("in the middle of work", () => {
  let proxy: TcpProxy;
  beforeAll(async () => {
    proxy = await startProxy({ host: project.double.host, port: project.double.port });
  });
  afterAll(() => proxy.close());
  const through = (more: Parameters<TestProject["open"]>[1] = {}) =>
    rowsOf(project.open("read", { host: proxy.host, port: proxy.port, ...more }));

  test("a connection that is cut is unreachable, and reading goes on from the last cursor", async () => {
    const rows = through();
    const got: Batch[] = [];
    const read = async (after: Batch["end"] | null) => {
      for await (const batch of rows.read(scopeOf("logs"), { ...READING, after }, signal())) {
        got.push(batch);
        if (got.length === 2) proxy.cutAfter(20_000);
      }
    };
    await expect(read(null)).rejects.toMatchObject({ code: "unreachable", retryable: true });
    await proxy.heal();
    await read(got.at(-1)?.end ?? null);
    const digests = got.flatMap((batch) =>
      batch.digests.map((digest) => Buffer.from(digest).toString("hex")),
    );
    expect(digests).toHaveLength(1_000);
    expect(new Set(digests).size).toBe(1_000);
  });

  test("a server that hangs ends the call in time", async () => {
    const rows = through({ timeoutMs: 600 });
    await rows.describe(member("logs").table, signal());
    proxy.hang();
    const begun = Date.now();
    await expect(rows.count(scopeOf("logs"), signal())).rejects.toMatchObject({
      code: expect.stringMatching(/timeout|unreachable/),
    });
    expect(Date.now() - begun).toBeLessThan(4_000);
    await proxy.heal();
    expect((await through().count(scopeOf("logs"), signal()))[0]?.rowCount).toBe(1_000n);
  });

  test("a write whose answer is lost is done again without harm", async () => {
    await make("target", 0);
    const [first] = await batches("logs");
    if (!first) throw new Error("nothing read");
    const rows = rowsOf(project.open("write", { host: proxy.host, port: proxy.port }));
    await rows.describe(member("target").table, signal());
    proxy.cutAfter(first.sizeBytes / 2, "up");
    await expect(rows.write(member("target"), first, signal())).rejects.toMatchObject({
      code: "unreachable",
    });
    await proxy.heal();
    const again = await rows.write(member("target"), first, signal());
    expect(again.conflicts).toEqual([]);
    expect(Number(again.inserted.rowCount) + again.identical).toBe(200);
    expect((await batches("target"))[0]?.digests).toEqual(first.digests);
  });
});

async function batches(name: string): Promise<Batch[]> {
  const all: Batch[] = [];
  for await (const batch of rowsOf(project.open()).read(scopeOf(name), READING, signal())) all.push(batch);
  return all;
}

describe("rights and refusals", () => {
  test("a read-only access key sees and searches, and cannot write", async () => {
    const as = { accessKeyId: READER.user, accessKeySecret: READER.password };
    const store = project.open("write", as);
    expect((await store.check(signal())).rights).toMatchObject([{ granted: true, grant: null }]);
    const rows = rowsOf(store);
    expect((await rows.count(scopeOf("logs"), signal()))[0]?.rowCount).toBe(1_000n);
    await make("locked", 0);
    const [first] = await batches("logs");
    if (!first) throw new Error("nothing read");
    await expect(rows.write(member("locked"), first, signal())).rejects.toMatchObject({
      code: "forbidden",
      key: "logstore.right",
    });
    expect(await batches("locked")).toEqual([]);
  });

  test("a logstore without scan index is named by the check, and its queries say what to do", async () => {
    await make("unindexed", 3);
    project.double.setScanIndex("unindexed", "error");
    const health = await project.open("read").check(signal());
    expect(health.state).toBe("warning");
    expect(health.limits).toContainEqual({
      key: "logScanIndexOff",
      severity: "warning",
      details: { names: "unindexed" },
    });
    await expect(rowsOf(project.open()).count(scopeOf("unindexed"), signal())).rejects.toMatchObject({
      key: "logstore.scanIndex",
    });
    const stats = await project.open("read").stats(member("unindexed").table, scopeOf("x").time, signal());
    expect(stats.rowCount).toBeNull();
    expect(stats.notes.join()).toContain("scan index");
    project.double.setScanIndex("unindexed", "empty");
    const empty = await project.open("read").check(signal());
    expect(empty.limits.find(({ key }) => key === "logEmpty")?.details.names).toContain("unindexed");
    project.double.setScanIndex("unindexed", "on");
  });

  test("rows that are too large are named, the others written", async () => {
    await make("sized", 0);
    const [batch] = await batches("logs");
    const body = batch?.vectors.findIndex(({ name }) => name === "body") ?? -1;
    if (!batch || body < 0) throw new Error("nothing read");
    const vectors = batch.vectors.map((vector, at) =>
      at === body
        ? {
            ...vector,
            values: vector.values.map((value, row) => (row === 1 ? Buffer.alloc(1_200_000, 0x78) : value)),
          }
        : vector,
    );
    const result = await rowsOf(project.open()).write(
      member("sized"),
      { ...batch, vectors, digests: [] },
      signal(),
    );
    expect(result.conflicts).toMatchObject([{ reason: "rejected", key: ["r000002"] }]);
    expect(result.inserted.rowCount).toBe(199n);
  });

  test("what shows late is waited for", async () => {
    const late = await testProject({ visibleAfterMs: 250 });
    await make("logs", 5, late);
    await late.sql("CREATE TABLE back (id text, created_at text, body text, log_version bigint)");
    const rows = rowsOf(late.open());
    for await (const batch of rows.read(scopeOf("logs"), READING, signal()))
      expect((await rows.write(member("back"), batch, signal())).inserted.rowCount).toBe(5n);
    await late.drop();
  });

  test("only simple queries were ever asked, one at a time, each of bounded size", () => {
    const statements = project.double.asked;
    expect(statements.length).toBeGreaterThan(50);
    for (const sql of statements) {
      expect(sql).toMatch(/^(SELECT|INSERT)\b/);
      if (sql.startsWith("SELECT")) expect(sql).toMatch(/ LIMIT \d+$/);
    }
  });
});

describe("many", () => {
  test("logstores are listed, the first of them measured", async () => {
    const many = await testProject();
    await many.sql(
      `DO $$ BEGIN FOR n IN 1..1000 LOOP EXECUTE format('CREATE TABLE l%s (id text, log_version bigint)', n); END LOOP; END $$`,
    );
    const tables = await many.open("read").tables(signal());
    expect(tables).toHaveLength(1_000);
    expect(tables.filter(({ rowCount }) => rowCount !== null)).toHaveLength(20);
    expect((await many.open("read").figures?.(signal()))?.notes).toHaveLength(1);
    await many.drop();
  });

  test("fields of one logstore are read in one batch", async () => {
    const columns = Array.from({ length: 1_500 }, (_, n) => `f${n} text`).join(", ");
    await project.sql(`CREATE TABLE wide (id text, created_at text, ${columns}, log_version bigint)`);
    await project.sql(
      "INSERT INTO wide (id, created_at, f0, f1499, log_version) VALUES ('a', '2026-01-01T00:00:00', 'x', 'y', 1)",
    );
    const [batch] = await batches("wide");
    expect(batch?.vectors).toHaveLength(1_503);
  });
});
