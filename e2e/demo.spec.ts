import { expectAccessible } from "./axe";
import { demo } from "./demo";
import { signIn } from "./sign-in";
import { expect, test } from "./story";

test.describe("A: the demo", () => {
  test.use({ signedIn: false });

  test("prints an address and a sign-in that work, and shows real figures", async ({ page }) => {
    await page.goto("/");
    await expect(page).toHaveURL(/sign-in/);
    await expectAccessible(page);
    await signIn(page, demo());
    const main = page.getByRole("main");
    await expect(main.getByRole("link", { name: /aiapps/ }).first()).toBeVisible();
    await expect(main.getByRole("link", { name: /cold/ }).first()).toBeVisible();
    await expect(main.getByRole("heading", { name: "Needs attention" })).toBeVisible();
    await expect(main).toContainText(/past its retention|dead rows/);
    await expect(page.getByText("demo", { exact: true }).first()).toBeVisible();
    await expect(page.getByRole("status").first()).toContainText(/worker/);
  });

  test("says in the same words that e-mail and password do not fit, whichever is wrong", async ({
    page,
    noise,
  }) => {
    noise.push(/401/);
    for (const email of [demo().email, "nobody@example.com"]) {
      await page.goto("/sign-in");
      await page.getByLabel("E-mail").fill(email);
      await page.getByLabel("Password").fill("certainly not this");
      await page.getByRole("button", { name: "Sign in" }).click();
      await expect(page.getByRole("alert").filter({ hasText: "do not fit together" })).toBeVisible();
    }
  });

  test("refuses pages, figures and effects to whoever is not signed in", async ({ page, request }) => {
    for (const path of ["/datasets", "/stores", "/operations", "/search", "/settings", "/audit"]) {
      await page.goto(path);
      await expect(page).toHaveURL(/sign-in/);
    }
    for (const path of ["/api/overview", "/api/stores", "/api/datasets", "/api/audit"]) {
      expect((await request.get(path)).status(), path).toBe(401);
    }
    expect((await request.post("/api/plans", { data: {} })).status()).toBeGreaterThanOrEqual(400);
  });
});

test.describe("A: a viewer", () => {
  test.use({ signedIn: false });

  test("looks and searches, and finds no button that changes anything", async ({ page }) => {
    await signIn(page, { ...demo(), email: "viewer@strata.local" });
    await page.goto("/datasets");
    await page.getByRole("main").getByRole("link", { name: "messages", exact: true }).click();
    await expect(page).toHaveURL(/\/datasets\/[^/]+$/);
    await expect(page.getByRole("main")).toContainText(/rows/);
    await expect(page.getByRole("link", { name: "Archive", exact: true })).toHaveCount(0);
  });
});
