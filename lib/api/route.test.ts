import { afterAll, beforeAll, expect, test } from "vitest";
import { GET as audit } from "@/app/api/audit/route";
import { POST as authPost } from "@/app/api/auth/[...all]/route";
import { GET as events } from "@/app/api/operations/[operationId]/events/route";
import { GET as overview } from "@/app/api/overview/route";
import { POST as plans } from "@/app/api/plans/route";
import { GET as search } from "@/app/api/search/route";
import { GET as users } from "@/app/api/users/route";
import { sse } from "@/lib/api/sse";
import { createUser } from "@/lib/auth/accounts";
import { forgetAuth } from "@/lib/auth/auth";
import { db } from "@/lib/control/database";
import { type TestControl, testControl } from "@/lib/control/testing";
import { watchOperation } from "@/lib/services/operations/watch";

const BASE = "http://127.0.0.1:3000";
let control: TestControl;
let cookie = "";

beforeAll(async () => {
  control = await testControl();
  forgetAuth();
  const account = {
    name: "Vera",
    email: "vera@strata.local",
    role: "viewer" as const,
    password: "long enough pw",
  };
  await db().$transaction((tx) => createUser(tx, account));
  const response = await authPost(
    new Request(`${BASE}/api/auth/sign-in/email`, {
      method: "POST",
      headers: { origin: BASE, "content-type": "application/json" },
      body: JSON.stringify({ email: account.email, password: account.password }),
    }),
  );
  expect(response.status).toBe(200);
  cookie = response.headers
    .getSetCookie()
    .map((line) => line.split(";")[0])
    .join("; ");
});
afterAll(async () => {
  forgetAuth();
  await control.drop();
});

const get = (path: string, signal?: AbortSignal) =>
  new Request(`${BASE}${path}`, { headers: { cookie }, signal });
const none = { params: Promise.resolve({}) };

async function readAll(response: Response): Promise<string> {
  let text = "";
  for await (const chunk of response.body ?? []) text += Buffer.from(chunk).toString();
  return text;
}

async function makeOperation(state: string): Promise<string> {
  const plan = await db().plan.create({
    data: { kind: "count", params: {}, body: {}, fingerprint: "", createdById: "x", expiresAt: new Date() },
  });
  const { id } = await db().operation.create({
    data: {
      planId: plan.id,
      storeId: "s",
      kind: "count",
      title: "count",
      params: {},
      reason: "",
      state,
      steps: [],
      throttle: {},
      createdById: "x",
      createdByName: "x",
    },
  });
  await db().operationLine.create({ data: { operationId: id, text: "a line\nwith a break" } });
  return id;
}

test("a signed-in viewer reads, and is told what is not theirs", async () => {
  expect((await overview(get("/api/overview"), none)).status).toBe(200);
  expect((await users(get("/api/users"), none)).status).toBe(403);
  const bad = await audit(get("/api/audit?limit=0"), none);
  expect(bad.status).toBe(400);
  expect(await bad.json()).toMatchObject({
    error: { code: "bad_input", fields: { limit: expect.any(String) } },
  });
  const post = (body: string) =>
    plans(
      new Request(`${BASE}/api/plans`, { method: "POST", headers: { cookie, origin: BASE }, body }),
      none,
    );
  expect((await post("{")).status).toBe(400);
  expect((await post(JSON.stringify({ kind: "count", params: { datasetId: "x" } }))).status).toBe(403);
});

test("the feed of an ended operation: snapshot, lines with their id, outcome, end", async () => {
  const operationId = await makeOperation("succeeded");
  const params = Promise.resolve({ operationId });
  const response = await events(get(`/api/operations/${operationId}/events`), { params });
  expect(response.headers.get("content-type")).toContain("text/event-stream");
  const text = await readAll(response);
  const types = [...text.matchAll(/data: \{"type":"(\w+)"/g)].map((found) => found[1]);
  expect(types).toEqual(["snapshot", "lines", "rates", "end"]);
  expect(text).toMatch(/id: \d+\ndata: \{"type":"lines"/);
  expect(text.trimEnd().endsWith("event: end\ndata: {}")).toBe(true);
});

test("the feed closes when the client goes", async () => {
  const operationId = await makeOperation("running");
  const stop = new AbortController();
  const params = Promise.resolve({ operationId });
  const response = await events(get(`/api/operations/${operationId}/events`, stop.signal), { params });
  const reader = response.body?.getReader();
  await reader?.read();
  stop.abort();
  await reader?.cancel();
  await reader?.closed.catch(() => undefined);
  expect(
    (await events(get("/api/operations/nope/events"), { params: Promise.resolve({ operationId: "nope" }) }))
      .status,
  ).toBe(404);
});

test("a search over nothing still ends with a page; a bad one is an error at once", async () => {
  const text = await readAll(await search(get("/api/search?q=refund"), none));
  expect(text).toContain('"type":"page"');
  expect((await search(get("/api/search?q=a&tiers=warm"), none)).status).toBe(400);
});

test("a feed ends with the session it was opened by", async () => {
  const operationId = await makeOperation("running");
  const actor = { userId: "u", name: "Vera", role: "viewer" } as const;
  const feed = async function* (signal: AbortSignal) {
    for await (const data of watchOperation(actor, { operationId }, { afterLine: null, signal }))
      yield { data };
  };
  const response = sse(get(`/api/operations/${operationId}/events`), feed, 50);
  let text = "";
  let ended = false;
  for await (const chunk of response.body ?? []) {
    text += Buffer.from(chunk).toString();
    if (!ended && text.includes('"type":"rates"')) {
      ended = true;
      expect((await db().session.deleteMany()).count).toBe(1);
    }
  }
  expect(text).toContain('"code":"unauthenticated"');
  expect(text.trimEnd().endsWith("event: end\ndata: {}")).toBe(true);
});
