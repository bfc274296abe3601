import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { changePassword, createUser, disableUser, resetPassword, setRole } from "@/lib/auth/accounts";
import { auth, forgetAuth } from "@/lib/auth/auth";
import { currentUser } from "@/lib/auth/session";
import { createFirstAdmin, issueSetupToken, setupOpen } from "@/lib/auth/setup";
import { db } from "@/lib/control/database";
import { type TestControl, testControl } from "@/lib/control/testing";

let control: TestControl;
beforeAll(async () => {
  control = await testControl({ PORT: "3999" });
  forgetAuth();
});
afterAll(() => control.drop());

const admin = { name: "Ada", email: "Ada@Example.org", password: "correct horse" };
const origin = "http://127.0.0.1:3999";

function post(path: string, body: object): Promise<Response> {
  const headers = { "content-type": "application/json", origin, "x-forwarded-for": "127.0.0.1" };
  return auth().handler(
    new Request(`${origin}/api/auth${path}`, { method: "POST", headers, body: JSON.stringify(body) }),
  );
}

const signIn = (email: string, password: string) => post("/sign-in/email", { email, password });

const cookieOf = (response: Response): Headers =>
  new Headers({
    cookie: response.headers
      .getSetCookie()
      .map((line) => line.split(";")[0])
      .join("; "),
  });

describe("set-up", () => {
  it("takes the newest token once, and is closed for ever after", async () => {
    expect(await setupOpen()).toBe(true);
    const old = (await issueSetupToken()) ?? "";
    const token = (await issueSetupToken()) ?? "";
    await expect(createFirstAdmin({ ...admin, token: old })).rejects.toMatchObject({ code: "forbidden" });
    await expect(createFirstAdmin({ ...admin, token: "" })).rejects.toMatchObject({ code: "forbidden" });
    const twice = await Promise.allSettled([
      createFirstAdmin({ ...admin, token }),
      createFirstAdmin({ ...admin, email: "other@example.org", token }),
    ]);
    expect(twice.map((one) => one.status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(await setupOpen()).toBe(false);
    expect(await issueSetupToken()).toBeNull();
    await expect(createFirstAdmin({ ...admin, token })).rejects.toMatchObject({ code: "not_found" });
  });
});

describe("accounts", () => {
  const add = (email: string, role: "viewer" | "admin") =>
    db().$transaction((tx) => createUser(tx, { name: "Bo", email, role, password: "battery staple" }));

  it("signs in, with a cookie that scripts and other sites do not get", async () => {
    const userId = await add("bo@example.org", "viewer");
    const response = await signIn("bo@example.org", "battery staple");
    expect(response.status).toBe(200);
    const cookie = response.headers.getSetCookie().join("\n");
    expect(cookie).toMatch(/HttpOnly/i);
    expect(cookie).toMatch(/SameSite=Lax/i);
    expect(await currentUser(cookieOf(response))).toEqual({
      userId,
      name: "Bo",
      email: "bo@example.org",
      role: "viewer",
    });
    expect(await currentUser(new Headers({ cookie: "strata.session_token=forged.x" }))).toBeNull();
    expect(await currentUser(new Headers())).toBeNull();
  });

  it("has no sign-up, and no way to give oneself a role", async () => {
    const body = { name: "Eve", email: "eve@example.org", password: "battery staple", role: "admin" };
    expect((await post("/sign-up/email", body)).ok).toBe(false);
    expect(await db().user.findUnique({ where: { email: "eve@example.org" } })).toBeNull();
    const bo = cookieOf(await signIn("bo@example.org", "battery staple"));
    await auth().handler(
      new Request(`${origin}/api/auth/update-user`, {
        method: "POST",
        headers: { "content-type": "application/json", origin, cookie: bo.get("cookie") ?? "" },
        body: JSON.stringify({ role: "admin" }),
      }),
    );
    expect((await currentUser(bo))?.role).toBe("viewer");
  });

  it("refuses an address twice", async () => {
    await expect(add("BO@example.org", "viewer")).rejects.toMatchObject({ code: "conflict" });
  });

  it("ends a disabled account's sessions and lets it in no more", async () => {
    const userId = await add("off@example.org", "viewer");
    const open = cookieOf(await signIn("off@example.org", "battery staple"));
    expect(await currentUser(open)).not.toBeNull();
    await db().$transaction((tx) => disableUser(tx, userId, true));
    expect(await currentUser(open)).toBeNull();
    expect((await signIn("off@example.org", "battery staple")).ok).toBe(false);
    await db().$transaction((tx) => disableUser(tx, userId, false));
    expect((await signIn("off@example.org", "battery staple")).ok).toBe(true);
  });

  it("changes a password only with the current one", async () => {
    const userId = await add("pw@example.org", "viewer");
    const change = (currentPassword: string) =>
      db().$transaction((tx) => changePassword(tx, userId, { currentPassword, password: "a new password" }));
    await expect(change("wrong")).rejects.toMatchObject({ code: "bad_input" });
    await change("battery staple");
    expect((await signIn("pw@example.org", "battery staple")).ok).toBe(false);
    expect((await signIn("pw@example.org", "a new password")).ok).toBe(true);
    await db().$transaction((tx) => resetPassword(tx, userId, "another password"));
    expect((await signIn("pw@example.org", "another password")).ok).toBe(true);
  });

  it("keeps the last administrator, even when two are taken away at once", async () => {
    const second = await add("second@example.org", "admin");
    const first = await db().user.findFirstOrThrow({ where: { role: "admin", NOT: { id: second } } });
    const both = await Promise.allSettled([
      db().$transaction((tx) => setRole(tx, second, "viewer")),
      db().$transaction((tx) => disableUser(tx, first.id, true)),
    ]);
    expect(both.map((one) => one.status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(await db().user.count({ where: { role: "admin", disabledAt: null } })).toBe(1);
  });
});
