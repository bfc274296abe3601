import { afterAll, beforeAll, expect, test } from "vitest";
import { closeDatabase, pool } from "@/lib/control/database";
import { type TestControl, testControl } from "@/lib/control/testing";
import { resetEnv } from "@/lib/env";
import { type Sample, sampleSpool, writeSamples } from "@/lib/metrics/write";
import { auditSpool, keepAudit } from "@/lib/services/audit/spool";
import { spoolState } from "@/lib/spool/spool-folder";
import { startProxy, type TcpProxy } from "@/lib/stores/testing/tcp-proxy";

let control: TestControl;
let proxy: TcpProxy;
beforeAll(async () => {
  control = await testControl();
  const url = new URL(control.url);
  proxy = await startProxy({ host: url.hostname, port: Number(url.port) });
  url.port = String(proxy.port);
  process.env.DATABASE_URL = url.href;
  resetEnv();
  await closeDatabase();
});
afterAll(async () => {
  sampleSpool.stop();
  auditSpool.stop();
  await closeDatabase();
  await proxy.close();
  await control.drop();
});

const sample = (value: number): Sample => ({
  subjectId: "store-1",
  metric: "latencyMs",
  at: new Date(Math.floor(Date.now() / 1000) * 1000 - value * 1000),
  value,
});
const stored = async () => {
  const { rows } = await pool().query<{ value: number }>("SELECT value FROM samples.raw ORDER BY at DESC");
  return rows.map((row) => row.value);
};
const actor = { userId: "u1", name: "Ada", role: "admin" as const };

test("samples and audit entries wait while the control DB is away, and come in once when it is back", async () => {
  await writeSamples([sample(1)]);
  await keepAudit({ action: "search.export", subject: "first" }, actor);
  proxy.refuse();
  await writeSamples([sample(2), sample(3)]);
  await keepAudit({ action: "search.export", subject: "second" }, actor);
  await keepAudit({ action: "search.export", subject: "third" }, actor);
  expect(await spoolState("samples")).toMatchObject({ waiting: 2, damaged: 0 });
  expect(await spoolState("audit")).toMatchObject({ waiting: 2, damaged: 0 });
  proxy.heal();
  expect(await sampleSpool.replay()).toBe(true);
  expect(await auditSpool.replay()).toBe(true);
  expect(await stored()).toEqual([1, 2, 3]);
  const { rows } = await pool().query<{ subject: string }>('SELECT subject FROM "AuditEntry" ORDER BY id');
  expect(rows.map((row) => row.subject)).toEqual(["first", "second", "third"]);
  expect(await spoolState("audit")).toMatchObject({ waiting: 0, damaged: 0 });
});
