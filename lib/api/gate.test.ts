import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type TestControl, testControl } from "@/lib/control/testing";

const root = fileURLToPath(new URL("../..", import.meta.url));
const files = (folder: string, name: RegExp): string[] =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && name.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));

const source = (path: string): string => readFileSync(join(root, path), "utf8");

/** Without a session on purpose: liveness says one word, the sign-in cannot ask for one. */
const OPEN_ROUTES = ["app/api/health/route.ts", "app/api/auth/[...all]/route.ts"];
const METHODS = /export (?:const|async function|function) (GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)\b(.*)/g;

describe("every route", () => {
  const routes = files("app/api", /^route\.tsx?$/).filter((path) => !OPEN_ROUTES.includes(path));

  test("there are routes to look at", () => expect(routes.length).toBeGreaterThan(25));

  test.each(routes)("%s is wrapped by the gate", (path) => {
    const text = readFileSync(join(root, path), "utf8");
    const methods = [...text.matchAll(METHODS)];
    expect(methods.length).toBeGreaterThan(0);
    for (const [, method, rest] of methods) expect(`${method}${rest}`).toMatch(/^\w+ = route[<(]/);
    expect(text).toContain('from "@/lib/api/route"');
  });

  test("no other route lies outside app/api", () => {
    expect(files("app", /^route\.tsx?$/).filter((path) => !path.startsWith("app/api/"))).toEqual([]);
  });
});

describe("every page of the console", () => {
  test.each(files("app/(console)", /^(page|layout)\.tsx$/))("%s asks who looks", (path) => {
    expect(readFileSync(join(root, path), "utf8")).toMatch(/\brequireUser\(\)/);
  });
});

describe("every service that acts for somebody", () => {
  const services = files("lib/services", /(?<!\.test)\.ts$/).filter((path) =>
    /\(\s*actor: Actor/.test(source(path)),
  );

  const only = services.indexOf("lib/services/operations/actor.ts"); // names the actor, does nothing
  if (only >= 0) services.splice(only, 1);

  test("there are services to look at", () => expect(services.length).toBeGreaterThan(40));

  test.each(services)("%s authorises before anything else", (path) => {
    const functions = [
      ...source(path).matchAll(/^export (?:async )?function\*? (\w+)\(\s*actor: Actor[\s\S]*?^}/gm),
    ];
    expect(functions.length).toBeGreaterThan(0);
    for (const [text, name] of functions) {
      if (name === "ownId") continue; // only reads the actor
      const body = text.slice(text.search(/\{\n {2}\S/));
      expect(body.split("\n")[1], name).toMatch(/authorize\(actor, "/);
    }
  });
});

describe("every action", () => {
  const actions = files("lib/actions", /\.ts$/).filter((path) => !path.endsWith("create-action.ts"));
  test.each(actions.filter((path) => !path.endsWith("setup.ts")))("%s goes through createAction", (path) => {
    const exported = [...readFileSync(join(root, path), "utf8").matchAll(/^export (.*)/gm)];
    expect(exported.length).toBeGreaterThan(0);
    for (const [, rest] of exported) expect(rest).toMatch(/^const \w+ = createAction\(/);
  });
});

describe("without a session", () => {
  let control: TestControl;
  beforeAll(async () => {
    control = await testControl();
  });
  afterAll(() => control.drop());

  const call = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const { route } = await import("@/lib/api/route");
    const request = new Request(`http://127.0.0.1:3000${path}`, init);
    return route(async () => "reached")(request, { params: Promise.resolve({}) });
  };

  test("a route answers 401 and says so as JSON", async () => {
    const response = await call("/api/overview");
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ error: { code: "unauthenticated" } });
    expect(response.headers.get("cache-control")).toBe("no-store");
  });

  test("a mutation from another site is refused before anything else", async () => {
    const headers = { origin: "https://evil.example" };
    expect((await call("/api/plans", { method: "POST", headers, body: "{}" })).status).toBe(403);
    expect((await call("/api/plans", { method: "POST", body: "{}" })).status).toBe(403);
    const ours = { origin: "http://127.0.0.1:3000" };
    expect((await call("/api/plans", { method: "POST", headers: ours, body: "{}" })).status).toBe(401);
  });

  test("only sign-in, sign-out and the session can be reached of the sign-in library", async () => {
    const { GET, POST } = await import("@/app/api/auth/[...all]/route");
    const at = (path: string) => `http://127.0.0.1:3000/api/auth${path}`;
    const headers = { origin: "http://127.0.0.1:3000", "content-type": "application/json" };
    const body = JSON.stringify({ email: "a@b.example", password: "long enough pw", name: "x" });
    expect((await POST(new Request(at("/sign-up/email"), { method: "POST", headers, body }))).status).toBe(
      404,
    );
    expect((await POST(new Request(at("/change-password"), { method: "POST", headers, body }))).status).toBe(
      404,
    );
    expect((await GET(new Request(at("/list-sessions")))).status).toBe(404);
    expect((await POST(new Request(at("/sign-in/email"), { method: "POST", headers, body }))).status).toBe(
      401,
    );
  });

  test("a password is not guessed from ever new addresses", async () => {
    const { POST } = await import("@/app/api/auth/[...all]/route");
    const guess = (email: string, from: string) =>
      POST(
        new Request("http://127.0.0.1:3000/api/auth/sign-in/email", {
          method: "POST",
          headers: {
            origin: "http://127.0.0.1:3000",
            "content-type": "application/json",
            "x-forwarded-for": from,
          },
          body: JSON.stringify({ email, password: "long enough pw" }),
        }),
      );
    for (let at = 0; at < 20; at++)
      expect((await guess("root@b.example", `10.0.0.${at}`)).status, `try ${at}`).toBe(401);
    expect((await guess("Root@b.example ", "10.0.1.1")).status).toBe(429);
    expect((await guess("other@b.example", "10.0.1.2")).status).toBe(401);
  });

  test("a body that never ends is cut off, whoever sends it", async () => {
    const { POST } = await import("@/app/api/auth/[...all]/route");
    let sent = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 1;
        controller.enqueue(new Uint8Array(8 << 10).fill(0x61));
      },
    });
    const init = { method: "POST", headers: { origin: "http://127.0.0.1:3000" }, body, duplex: "half" };
    const response = await POST(new Request("http://127.0.0.1:3000/api/auth/sign-in/email", init));
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { key: "tooLarge", details: { limit: "16 kB" } } });
    expect(sent).toBeLessThan(8);
  });
});
