import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { db } from "@/lib/control/database";
import { encrypt } from "@/lib/control/secret";
import { type TestControl, testControl } from "@/lib/control/testing";
import { stopQueue } from "@/lib/jobs/queue";
import { operationRow, plan, run } from "@/lib/operations/testing";
import { searchInputSchema } from "@/lib/schemas/search";
import { searchPage } from "@/lib/search/search";
import { closeStores } from "@/lib/stores/open";
import {
  holdReplica,
  makeDatabase,
  standbysCaughtUp,
  type TestDatabase,
} from "@/lib/stores/postgres/testing";
import { testServer } from "@/lib/stores/testing/servers";
import { startProxy, type TcpProxy } from "@/lib/stores/testing/tcp-proxy";

const server = testServer("postgresql-replica");
const CUTOFF = "2026-03-01T00:00:00.000Z";
const ROWS = 4_000;

describe.skipIf(!server)("a primary with a replica, through the operations", () => {
  let control: TestControl;
  let database: TestDatabase;
  let proxy: TcpProxy;
  let folder: string;
  let datasetId: string;
  let coldId: string;
  let release: () => Promise<void>;

  beforeAll(async () => {
    if (!server) return;
    release = await holdReplica(server);
    const { host, port, user, password } = server;
    const standby = new URL(server.urls[1] ?? "");
    proxy = await startProxy({ host: standby.hostname, port: Number(standby.port) });
    const config = { host, port, user, database: "postgres", ssl: "disable" } as const;
    const primary = { name: "primary", config: { ...config, password }, stop: () => undefined };
    database = await makeDatabase(primary, { synchronous_commit: "local" });
    await database.sql(`
      CREATE TABLE runs (id int PRIMARY KEY, created_at timestamptz NOT NULL, body text);
      CREATE INDEX ON runs (created_at, id);
      INSERT INTO runs SELECT n, '2026-01-01Z'::timestamptz + n * interval '30 minutes', 'run' || n || '. ' || md5(n::text) FROM generate_series(1, ${ROWS}) n;
      ANALYZE runs`);
    control = await testControl();
    folder = mkdtempSync(join(tmpdir(), "strata-replica-"));
    const replicas = `127.0.0.1:${proxy.port}`;
    const store = await db().store.create({
      data: {
        name: "app",
        kind: "postgres",
        config: { ...config, database: database.config.database, replicas },
        writesEnabled: true,
      },
    });
    const secretCipher = encrypt(JSON.stringify({ password }), store.id);
    await db().store.update({ where: { id: store.id }, data: { secretCipher } });
    const cold = { name: "cold", kind: "folder", config: { path: folder }, writesEnabled: true };
    coldId = (await db().store.create({ data: cold })).id;
    const nothing = {
      tenant: null,
      user: null,
      status: null,
      model: null,
      tokens: null,
      prompt: null,
      answer: null,
    };
    const roles = {
      ...nothing,
      key: ["id"],
      time: { column: "created_at", unit: "timestamptz" },
      text: ["body"],
    };
    const data = { storeId: store.id, schemaName: "public", name: "runs", tableName: "runs", roles };
    datasetId = (await db().dataset.create({ data })).id;
  }, 120_000);
  afterAll(async () => {
    if (!server) return;
    await closeStores();
    await stopQueue(0);
    await control.drop();
    await database.drop();
    await proxy.close();
    rmSync(folder, { recursive: true, force: true });
    await release();
  });

  const archive = () =>
    plan({
      kind: "archive",
      params: { datasetId, cutoff: { at: CUTOFF }, target: { tier: "cold", storeId: coldId } },
    });
  const restore = () =>
    plan({ kind: "restore", params: { datasetId, from: "cold", range: { from: null, until: null } } });
  const digest = async () =>
    (await database.sql("SELECT md5(string_agg(runs::text, ',' ORDER BY id)) AS digest FROM runs"))[0]
      ?.digest;
  const found = async (q: string) => {
    const input = searchInputSchema.parse({ datasetIds: [datasetId], q, from: "2026-01-01T00:00:00.000Z" });
    const page = await searchPage(input, AbortSignal.timeout(60_000));
    expect(page.failures).toEqual([]);
    return page.rows.map((row) => `${row.key[0]} ${row.tier}`);
  };

  test("rows are read from the replica, leave the primary with proof, are found, and come back equal", async () => {
    const before = await digest();
    await standbysCaughtUp(database);
    const operation = await archive();
    const read = proxy.passed.down;
    expect(await run(operation)).toBe("succeeded");
    expect(proxy.passed.down - read).toBeGreaterThan(100_000);
    expect((await operationRow(operation)).proof).toMatchObject({
      complete: true,
      lines: [{ rows: { source: "2831", target: "2831" }, equal: true }],
    });
    expect(await found("run77.")).toEqual(["77 cold"]);
    expect(await found("run3977.")).toEqual(["3977 hot"]);

    expect(await run(await restore())).toBe("succeeded");
    // Looked for at once: a replica that had not heard of it would find it nowhere.
    expect(await found("run77.")).toEqual(["77 hot"]);
    expect(await digest()).toBe(before);
  });

  test("without the replica the primary does it all, and the answer is the same", async () => {
    const before = await digest();
    await proxy.refuse();
    const operation = await archive();
    expect(await run(operation)).toBe("succeeded");
    expect((await operationRow(operation)).proof).toMatchObject({ complete: true });
    expect(await run(await restore())).toBe("succeeded");
    expect(await digest()).toBe(before);
    await proxy.heal();
  });
});
