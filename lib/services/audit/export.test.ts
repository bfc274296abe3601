import { writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { addressFile } from "@/lib/control/address";
import { db } from "@/lib/control/database";
import { type TestControl, testControl } from "@/lib/control/testing";
import { exportAudit } from "@/lib/services/audit/export";
import { writeAudit } from "@/lib/services/audit/write";
import { getSettings } from "@/lib/services/settings/get";
import { ADMIN, VIEWER } from "@/lib/services/testing";

let control: TestControl;
beforeAll(async () => {
  control = await testControl();
});
afterAll(() => control.drop());

const ENTRIES = 450;

test("the audit log is exported whole, page by page, and cells that look like formulas are harmless", async () => {
  for (let n = 1; n <= ENTRIES; n += 1)
    await writeAudit(db(), ADMIN, { action: "store.update", subject: `store ${n}`, details: { n } });
  await writeAudit(db(), ADMIN, {
    action: "operation.start",
    subject: "=1+1",
    reason: 'because "so", 因为',
  });
  const { name, chunks } = await exportAudit(VIEWER, {});
  expect(name).toMatch(/^strata-audit-\d{4}-\d\d-\d\d\.csv$/);
  let text = "";
  for await (const chunk of chunks) text += chunk;
  const lines = text.trimEnd().split("\r\n");
  expect(lines[0]).toBe("time,who,action,subject,subjectId,reason,outcome,details");
  expect(lines).toHaveLength(1 + 1 + 1 + ENTRIES);
  expect(lines[1]).toContain("audit.export"); // the export itself, newest first
  expect(lines[2]).toContain(`"'=1+1"`);
  expect(lines[2]).toContain('"because ""so"", 因为"');
  expect(lines.at(-1)).toContain("store 1,");
});

test("filters hold for the export as for the page", async () => {
  const { chunks } = await exportAudit(VIEWER, { action: "operation." });
  let text = "";
  for await (const chunk of chunks) text += chunk;
  expect(text.trimEnd().split("\r\n")).toHaveLength(2);
});

test("the settings know Strata's own PostgreSQL, though its address comes in DATABASE_URL", async () => {
  expect((await getSettings(VIEWER)).database.embedded).toBe(false);
  const { username, password, port } = new URL(control.url);
  const address = { port: Number(port), user: username, password: decodeURIComponent(password) };
  writeFileSync(addressFile(control.dataDir), JSON.stringify(address));
  expect((await getSettings(VIEWER)).database.embedded).toBe(true);
});
