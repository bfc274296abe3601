import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { db } from "@/lib/control/database";
import { type TestControl, testControl } from "@/lib/control/testing";
import { sampleHealth } from "@/lib/metrics/sample-health";
import { sampleQueries } from "@/lib/metrics/sample-queries";
import { sampleSizes } from "@/lib/metrics/sample-sizes";
import { listAudit } from "@/lib/services/audit/list";
import { compareCatalogue } from "@/lib/services/catalogue/compare";
import { createFamily } from "@/lib/services/datasets/create-family";
import { getDataset } from "@/lib/services/datasets/get";
import { getMonths } from "@/lib/services/datasets/months";
import { proposeDatasets } from "@/lib/services/datasets/propose";
import { removeDataset } from "@/lib/services/datasets/remove";
import { updateDataset } from "@/lib/services/datasets/update";
import { getOverview } from "@/lib/services/overview/get";
import { createStore } from "@/lib/services/stores/create";
import { deleteStore } from "@/lib/services/stores/delete";
import { enableWrites } from "@/lib/services/stores/enable-writes";
import { getStore } from "@/lib/services/stores/get";
import { parseUrl } from "@/lib/services/stores/parse-url";
import { getQueryStats } from "@/lib/services/stores/query-stats";
import { refreshStore } from "@/lib/services/stores/refresh";
import { setPrices } from "@/lib/services/stores/set-prices";
import { listTables } from "@/lib/services/stores/tables";
import { testStore } from "@/lib/services/stores/test";
import { updateStore } from "@/lib/services/stores/update";
import { ADMIN, OPERATOR, sourceDatabase, VIEWER } from "@/lib/services/testing";
import { closeStores } from "@/lib/stores/open";

let control: TestControl;
let source: Awaited<ReturnType<typeof sourceDatabase>>;
let storeId = "";
const signal = new AbortController().signal;

beforeAll(async () => {
  control = await testControl();
  source = await sourceDatabase();
  storeId = (await createStore(ADMIN, { name: "apps", kind: "postgres", config: source.config })).storeId;
});
afterAll(async () => {
  await closeStores();
  await source?.drop();
  await control?.drop();
});

describe("stores", () => {
  test("a new one is read-only, its secret sealed and never shown", async () => {
    const store = await getStore(VIEWER, { storeId });
    expect(store).toMatchObject({
      name: "apps",
      kindLabel: "PostgreSQL",
      writesEnabled: false,
      state: "healthy",
    });
    expect(store.config).not.toHaveProperty("password");
    expect(store.secretsSet).toEqual(["password"]);
    const row = await db().store.findUniqueOrThrow({ where: { id: storeId } });
    expect(JSON.stringify(row.config)).not.toContain(String(source.config.password));
    expect(Buffer.from(row.secretCipher ?? []).toString("latin1")).not.toContain(
      String(source.config.password),
    );
  });

  test("who may not is refused, and nothing is written", async () => {
    const input = { name: "other", kind: "postgres", config: source.config };
    await expect(createStore(OPERATOR, input)).rejects.toMatchObject({ code: "forbidden" });
    await expect(testStore(VIEWER, input)).rejects.toMatchObject({ code: "forbidden" });
    await expect(enableWrites(OPERATOR, { storeId, enabled: true })).rejects.toMatchObject({
      code: "forbidden",
    });
    await expect(refreshStore(VIEWER, { storeId })).rejects.toMatchObject({ code: "forbidden" });
    await expect(compareCatalogue(VIEWER)).rejects.toMatchObject({ code: "forbidden" });
    await expect(refreshStore(OPERATOR, { storeId })).resolves.toMatchObject({ state: "healthy" });
    expect(await db().store.count()).toBe(1);
  });

  test("bad fields are named one by one", async () => {
    const input = { name: "x", kind: "postgres", config: { host: "", port: "abc" } };
    await expect(createStore(ADMIN, input)).rejects.toMatchObject({
      code: "bad_input",
      fields: { host: expect.any(String), port: expect.any(String), database: expect.any(String) },
    });
    await expect(createStore(ADMIN, { ...input, config: { options: "-c x" } })).rejects.toMatchObject({
      fields: { options: expect.stringContaining("options") },
    });
    await expect(createStore(ADMIN, { ...input, kind: "oracle" })).rejects.toMatchObject({
      code: "bad_input",
    });
    await expect(createStore(ADMIN, { name: " ", kind: "postgres", config: {} })).rejects.toMatchObject({
      fields: { name: expect.any(String) },
    });
  });

  test("prices are numbers from nothing on, set by an administrator, and noted", async () => {
    const prices = { perGbMonth: 0.08, perMillionRequests: "0.4", currency: "EUR" as const };
    await expect(setPrices(OPERATOR, { storeId, prices })).rejects.toMatchObject({ code: "forbidden" });
    for (const perGbMonth of ["", " ", "free", "0x10", "1e9", -1, 1_000_000, Number.NaN])
      await expect(setPrices(ADMIN, { storeId, prices: { ...prices, perGbMonth } })).rejects.toMatchObject({
        code: "bad_input",
      });
    const after = { ...prices, perMillionRequests: 0.4 };
    expect(await setPrices(ADMIN, { storeId, prices })).toEqual({ ...after, source: "set" });
    expect((await setPrices(ADMIN, { storeId, prices: null })).source).toBe("default");
    const { items } = await listAudit(ADMIN, { action: "store.setPrices" });
    expect(items.map(({ details }) => details)).toEqual([
      { before: after, after: null },
      { before: null, after },
    ]);
  });

  test("a wrong password or a taken name saves nothing", async () => {
    const wrong = { ...source.config, password: "not it" };
    await expect(createStore(ADMIN, { name: "wrong", kind: "postgres", config: wrong })).rejects.toThrow();
    await expect(
      createStore(ADMIN, { name: "apps", kind: "postgres", config: source.config }),
    ).rejects.toMatchObject({ code: "conflict", fields: { name: expect.any(String) } });
    expect(await db().store.count()).toBe(1);
  });

  test("an empty secret keeps the saved one, a pasted address is taken apart", async () => {
    const { password: _, ...rest } = source.config;
    // Elsewhere it is not sent: whoever may change the address must not learn the password by it.
    const addresses: Record<string, string | number>[] = [{ host: "localhost" }, { port: 1 }];
    for (const elsewhere of addresses) {
      const config = { ...rest, ...elsewhere, password: "" };
      await expect(testStore(ADMIN, { storeId, kind: "postgres", config })).rejects.toMatchObject({
        code: "bad_input",
        fields: { password: expect.any(String) },
      });
      await expect(updateStore(ADMIN, { storeId, config })).rejects.toMatchObject({ key: "secretElsewhere" });
    }
    const found = await testStore(ADMIN, { storeId, kind: "postgres", config: { ...rest, password: "" } });
    expect(found.health.version).toContain("18");
    await updateStore(ADMIN, { storeId, config: { ...rest, password: "" } });
    expect(await parseUrl(ADMIN, { kind: "postgres", url: "postgres://u:p@db:5433/app" })).toMatchObject({
      port: 5433,
    });
    await expect(
      parseUrl(ADMIN, { kind: "postgres", url: "postgres://u@db/app?sslcert=/etc/passwd" }),
    ).rejects.toMatchObject({ code: "bad_input", message: expect.stringContaining("sslcert") });
  });

  test("an unknown one is not found", async () => {
    await expect(getStore(VIEWER, { storeId: "nope" })).rejects.toMatchObject({ code: "not_found" });
  });
});

describe("tables and datasets", () => {
  test("known applications are proposed as families, others get a guess and their limits", async () => {
    await sampleSizes(new Date(), signal);
    const { families, others, refused } = await proposeDatasets(VIEWER, { storeId });
    const members = families.map((family) => [family.preset, ...family.members.map((one) => one.name)]);
    expect(members).toContainEqual([
      "dify",
      "workflow_runs",
      "workflow_node_executions",
      "workflow_app_logs",
    ]);
    expect(members).toContainEqual(["dify", "messages"]);
    expect(members).toContainEqual(["new-api", "logs"]);
    expect(members).toContainEqual(["gateway", "conversations"]);
    const named = (name: string) => others.find((one) => one.name === name)?.proposal;
    expect(named("events")?.roles.time).toEqual({ column: "ts_ms", unit: "ms" });
    expect(named("审计 Log")?.roles).toMatchObject({
      key: ["编号"],
      time: { column: "创建时间", unit: "timestamptz" },
      text: ["内容"],
    });
    expect(named("no_key")?.blocks.map((block) => block.key)).toContain("noKey");
    expect(named("pairs")?.blocks.map((block) => block.key)).toEqual(["compositeKey", "noTime"]);
    expect(refused.map((one) => [one.name, one.proposal.blocks[0]?.key])).toEqual([["seen", "view"]]);
  });

  test("a family is made whole or not at all", async () => {
    const tables = await listTables(VIEWER, { storeId });
    const of = (schema: string, name: string) => {
      const found = tables.find((one) => one.schema === schema && one.name === name);
      if (!found) throw new Error(name);
      const { roles, preset, keepDays, parent } = found.proposal;
      return {
        schemaName: schema,
        tableName: name,
        name: schema === "gateway" ? "gateway talks" : name,
        preset,
        roles,
        keepDays,
        parentTable: parent?.table ?? null,
        parentLink: parent && { column: parent.column, parentColumn: parent.parentColumn },
      };
    };
    const run = of("dify", "workflow_runs");
    const nodes = of("dify", "workflow_node_executions");
    await expect(createFamily(VIEWER, { storeId, members: [run] })).rejects.toMatchObject({
      code: "forbidden",
    });
    await expect(createFamily(OPERATOR, { storeId, members: [nodes, run] })).rejects.toMatchObject({
      code: "bad_input",
    });
    const bad = { ...nodes, roles: { ...nodes.roles, status: "nowhere" } };
    await expect(createFamily(OPERATOR, { storeId, members: [run, bad] })).rejects.toMatchObject({
      fields: { "roles.status": expect.stringContaining("nowhere") },
    });
    expect(await db().dataset.count()).toBe(0);
    const made = await createFamily(OPERATOR, { storeId, members: [run, nodes] });
    expect(made.map((one) => [one.name, one.parentName])).toEqual([
      ["workflow_node_executions", "workflow_runs"],
      ["workflow_runs", null],
    ]);
    await createFamily(OPERATOR, { storeId, members: [of("gateway", "conversations")] });
  });

  test("sampling fills statistics, months and attention; pages read nothing else", async () => {
    const now = new Date();
    await Promise.all([sampleHealth(now, signal), sampleQueries(now, signal)]);
    await sampleSizes(now, signal);
    const overview = await getOverview(VIEWER);
    const gateway = (await db().dataset.findUniqueOrThrow({ where: { name: "gateway talks" } })).id;
    expect(overview.attention.map((item) => item.attentionId)).toContain(`pastRetention:${gateway}`);
    expect(overview.attention.find((item) => item.key === "noWorker")?.severity).toBe("act");
    const dataset = await getDataset(VIEWER, { datasetId: gateway });
    expect(dataset).toMatchObject({ hot: { rowCount: 200 }, lateDays: expect.any(Number), keepDays: 30 });
    expect(dataset.lateDays).toBeGreaterThan(160);
    expect(dataset.columns.map((column) => column.name)).toContain("prompt");
    const months = await getMonths(VIEWER, { datasetId: gateway });
    expect(months.months.reduce((sum, month) => sum + month.hotRows, 0)).toBe(200);
    expect((await getQueryStats(VIEWER, { storeId })).at).not.toBeNull();
  });

  test("roles must fit, names must be typed, removing forgets and touches nothing", async () => {
    const { id: datasetId } = await db().dataset.findUniqueOrThrow({ where: { name: "workflow_runs" } });
    const { roles } = await getDataset(VIEWER, { datasetId });
    const wrong = { ...roles, time: { column: "status", unit: "s" as const } };
    await expect(updateDataset(OPERATOR, { datasetId, roles: wrong })).rejects.toMatchObject({
      fields: { "roles.time": expect.stringContaining("status") },
    });
    expect((await updateDataset(OPERATOR, { datasetId, keepDays: 7 })).keepDays).toBe(7);
    await expect(removeDataset(OPERATOR, { datasetId, confirm: "runs" })).rejects.toMatchObject({
      fields: { confirm: expect.any(String) },
    });
    await expect(deleteStore(ADMIN, { storeId, confirm: "apps" })).rejects.toMatchObject({
      code: "conflict",
    });
    const { removed } = await removeDataset(OPERATOR, { datasetId, confirm: "workflow_runs" });
    expect(removed.sort()).toEqual(["workflow_node_executions", "workflow_runs"]);
    const audit = await listAudit(VIEWER, { action: "dataset.", limit: 2 });
    expect(audit.items[0]).toMatchObject({ action: "dataset.remove", actorName: "Olga", outcome: "done" });
    const next = await listAudit(VIEWER, { action: "dataset.", cursor: audit.next });
    expect(next.items.map((item) => item.auditId)).not.toContain(audit.items[1]?.auditId);
  });
});

test("a store that died shows red and costs no page its answer", async () => {
  await db().store.create({
    data: {
      name: "dead",
      kind: "postgres",
      config: { ...source.config, host: "127.0.0.1", port: 1, password: undefined },
    },
  });
  await sampleHealth(new Date(Date.now() + 60_000), signal);
  const started = performance.now();
  const overview = await getOverview(VIEWER);
  expect(performance.now() - started).toBeLessThan(500);
  const dead = overview.stores.find((store) => store.name === "dead");
  expect(dead).toMatchObject({ state: "unreachable", failure: { code: "unreachable" } });
  expect(overview.stores.find((store) => store.name === "apps")?.state).toBe("healthy");
  expect(overview.attention.map((item) => item.key)).toContain("storeSilent");
});
