import { afterAll, beforeAll, expect, test } from "vitest";
import { db } from "@/lib/control/database";
import { type TestControl, testControl } from "@/lib/control/testing";
import type { Actor } from "@/lib/schemas/user";
import { cancelOperation } from "@/lib/services/operations/cancel";
import { getOperation } from "@/lib/services/operations/get";
import { listOperations } from "@/lib/services/operations/list";
import { watchOperation } from "@/lib/services/operations/watch";
import { createPlan } from "@/lib/services/plans/create";
import { getPlan } from "@/lib/services/plans/get";
import { getRecord } from "@/lib/services/records/get";
import { getSettings } from "@/lib/services/settings/get";
import { getShell } from "@/lib/services/shell/get";
import { ADMIN, OPERATOR, VIEWER } from "@/lib/services/testing";
import { changePassword } from "@/lib/services/users/change-password";
import { createUser } from "@/lib/services/users/create";
import { disableUser } from "@/lib/services/users/disable";
import { listUsers } from "@/lib/services/users/list";
import { getMe } from "@/lib/services/users/me";
import { setRole } from "@/lib/services/users/set-role";

let control: TestControl;
beforeAll(async () => {
  control = await testControl();
});
afterAll(() => control.drop());

test("accounts: made, changed, closed; the last administrator stays", async () => {
  await expect(listUsers(OPERATOR)).rejects.toMatchObject({ code: "forbidden" });
  const input = { name: "Eve", email: "eve@strata.local", role: "admin" as const, password: "correct horse" };
  const eve = await createUser(ADMIN, input);
  await expect(createUser(ADMIN, input)).rejects.toMatchObject({
    code: "conflict",
    fields: { email: expect.any(String) },
  });
  await expect(createUser(ADMIN, { ...input, email: "no", password: "short" })).rejects.toMatchObject({
    fields: { email: expect.any(String), password: expect.any(String) },
  });
  await expect(setRole(ADMIN, { userId: eve.userId, role: "viewer" })).rejects.toMatchObject({
    code: "conflict",
  });
  await expect(disableUser(ADMIN, { userId: "nobody", disabled: true })).rejects.toMatchObject({
    code: "not_found",
  });
  const actor: Actor = { userId: eve.userId, name: "Eve", role: "admin" };
  expect((await getMe(actor)).can).toEqual({ operate: true, administer: true });
  await expect(
    changePassword(actor, { currentPassword: "wrong", password: "another password" }),
  ).rejects.toMatchObject({ fields: { currentPassword: expect.any(String) } });
  await changePassword(actor, { currentPassword: "correct horse", password: "another password" });
  await expect(
    changePassword({ ...actor, userId: null }, { currentPassword: "x", password: "another password" }),
  ).rejects.toMatchObject({ code: "refused" });
  expect((await getShell(actor)).user.email).toBe("eve@strata.local");
  expect((await getSettings(VIEWER)).database.version).toContain("18");
});

test("plans and operations: unknown ones are not found, viewers may only look", async () => {
  const params = { datasetId: "nope", cutoff: { days: 90 }, target: { tier: "archive" as const } };
  await expect(createPlan(VIEWER, { kind: "archive", params })).rejects.toMatchObject({ code: "forbidden" });
  await expect(createPlan(OPERATOR, { kind: "archive", params })).rejects.toMatchObject({
    code: "not_found",
  });
  const negative = { ...params, cutoff: { days: -1 } };
  await expect(createPlan(OPERATOR, { kind: "archive", params: negative })).rejects.toMatchObject({
    code: "bad_input",
  });
  await expect(getPlan(VIEWER, { planId: "nope" })).rejects.toMatchObject({ code: "not_found" });
  await expect(getOperation(VIEWER, { operationId: "nope" })).rejects.toMatchObject({ code: "not_found" });
  await expect(cancelOperation(VIEWER, { operationId: "nope" })).rejects.toMatchObject({ code: "forbidden" });
  await expect(cancelOperation(OPERATOR, { operationId: "nope" })).rejects.toMatchObject({
    code: "not_found",
  });
  await expect(getRecord(VIEWER, { datasetId: "nope", key: ["1"] })).rejects.toMatchObject({
    code: "not_found",
  });
  await expect(listOperations(VIEWER, { cursor: "rubbish" })).rejects.toMatchObject({ code: "bad_input" });
});

async function makeOperation(state: string, createdAt: Date): Promise<string> {
  const plan = await db().plan.create({
    data: { kind: "count", params: {}, body: {}, fingerprint: "", createdById: "x", expiresAt: new Date() },
  });
  const { id } = await db().operation.create({
    data: {
      planId: plan.id,
      storeId: "s",
      kind: "count",
      title: `count ${state}`,
      params: {},
      reason: "",
      state,
      steps: [],
      throttle: {},
      createdById: "x",
      createdByName: "x",
      createdAt,
      doneRows: 12_345_678_901n,
    },
  });
  return id;
}

test("pages of operations neither skip nor double those of one millisecond", async () => {
  const at = new Date("2026-01-01T00:00:00.123Z");
  const made = new Set<string>();
  for (let n = 0; n < 7; n++) made.add(await makeOperation("succeeded", at));
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof listOperations>> = await listOperations(VIEWER, {
      limit: 3,
      cursor,
    });
    seen.push(...page.items.map((item) => item.operationId));
    cursor = page.next;
  } while (cursor);
  expect(seen).toHaveLength(7);
  expect(new Set(seen)).toEqual(made);
});

test("a live feed begins with a snapshot, repeats no line, and ends with the outcome", async () => {
  const operationId = await makeOperation("running", new Date());
  await db().operationLine.create({ data: { operationId, text: "first" } });
  const stop = new AbortController();
  const types: string[] = [];
  const lines: string[] = [];
  const feed = watchOperation(VIEWER, { operationId }, { afterLine: null, signal: stop.signal, everyMs: 5 });
  for await (const event of feed) {
    types.push(event.type);
    if (event.type === "snapshot") expect(event.operation.doneRows).toBe(12_345_678_901);
    if (event.type !== "lines") continue;
    lines.push(...event.lines.map((line) => line.text));
    if (lines.length === 1) {
      await db().operationLine.create({ data: { operationId, text: "second" } });
      await db().operation.update({
        where: { id: operationId },
        data: { state: "succeeded", endedAt: new Date() },
      });
    }
  }
  expect(types[0]).toBe("snapshot");
  expect(types.at(-1)).toBe("end");
  expect(lines).toEqual(["first", "second"]);
});
