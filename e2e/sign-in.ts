import { type BrowserContext, expect, type Page, request } from "@playwright/test";

export interface Account {
  address: string;
  email: string;
  password: string;
}

/** By the form, as a person does it. Ends on the overview. */
export async function signIn(page: Page, { address, email, password }: Account): Promise<void> {
  await page.goto(`${address}/sign-in`);
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("link", { name: "Overview" }).first()).toBeVisible();
  await expect(page).not.toHaveURL(/sign-in/);
}

const sessions = new Map<string, Awaited<ReturnType<BrowserContext["storageState"]>>>();

/** Cookies of a session, made once per account and test process: signing in by hand is a story of its own. */
export async function session({ address, email, password }: Account) {
  const name = `${address} ${email}`;
  const held = sessions.get(name);
  if (held) return held;
  const client = await request.newContext({ baseURL: address, extraHTTPHeaders: { origin: address } });
  const answer = await client.post("/api/auth/sign-in/email", { data: { email, password } });
  expect(answer.status(), await answer.text()).toBe(200);
  const state = await client.storageState();
  await client.dispose();
  sessions.set(name, state);
  return state;
}
