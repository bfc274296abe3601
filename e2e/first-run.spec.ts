import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, type Page, test } from "@playwright/test";
import { type EmbeddedPostgres, startEmbedded } from "@/lib/control/embedded";
import { expectAccessible } from "./axe";
import { watchConsole } from "./console-errors";
import { queryAt } from "./database";
import { ARCHIVE_TABLE, expectGreenProof, planArchive, runPlan, stateOf, throttlePlan } from "./operations";
import { freePort, type Stack, startStack } from "./stack";

/** Tables as an application leaves them, and some that nobody expects. */
const TABLES = `
  CREATE ROLE reader LOGIN PASSWORD 'reads only';
  CREATE SCHEMA dify;
  CREATE TABLE dify.workflow_runs (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), tenant_id uuid, app_id uuid, workflow_id uuid,
    status varchar(255), inputs text, outputs text, error text, created_by uuid, total_tokens bigint, created_at timestamp NOT NULL DEFAULT now());
  CREATE TABLE dify.workflow_node_executions (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), workflow_run_id uuid, node_id varchar(255),
    node_type varchar(255), title varchar(255), inputs text, outputs text, status varchar, created_at timestamp NOT NULL DEFAULT now());
  CREATE TABLE "对话记录" (id bigint PRIMARY KEY, "创建时间" timestamptz, "内容" text);
  CREATE TABLE "Mixed Case" ("Id" int, "Part" int, "At" date, "Text" text, PRIMARY KEY ("Id", "Part"));
  CREATE TABLE keyless (at timestamptz, body text);
  CREATE TABLE timeless (id int PRIMARY KEY, body text);
  CREATE VIEW a_view AS SELECT * FROM keyless;
  INSERT INTO dify.workflow_runs (status, inputs, outputs, created_at) SELECT 'succeeded', 'question ' || n, 'answer', now() - n * interval '2 hours' FROM generate_series(1, 4800) n;
  INSERT INTO dify.workflow_node_executions (workflow_run_id, node_id, node_type, created_at) SELECT id, 'n', 'llm', created_at FROM dify.workflow_runs;
  GRANT USAGE ON SCHEMA dify TO reader; GRANT SELECT ON ALL TABLES IN SCHEMA dify TO reader; GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader;
  ANALYZE`;

test.describe
  .serial("B: the first run", () => {
    let stack: Stack;
    let strataDir: string;
    let dataDir: string;
    let server: EmbeddedPostgres;
    let hanging: Server;
    let page: Page;
    let consoleErrors: string[];

    test.beforeAll("Strata without a demo, and a database to connect", async ({ browser }) => {
      test.setTimeout(300_000);
      dataDir = mkdtempSync(join(tmpdir(), "strata-e2e-app-"));
      server = await startEmbedded({ dataDir });
      await queryAt(server.url("postgres"), TABLES);
      hanging = createServer(() => {}); // accepts and never says a word
      await new Promise<void>((resolve) => hanging.listen(0, "127.0.0.1", resolve));
      strataDir = mkdtempSync(join(tmpdir(), "strata-e2e-"));
      stack = await startStack({ demo: false, dataDir: strataDir, readyMs: 300_000 });
      const context = await browser.newContext({ baseURL: stack.address });
      page = await context.newPage();
      consoleErrors = watchConsole(page);
    });

    test.afterAll("everything ends", async () => {
      await page?.close();
      hanging?.close();
      await stack?.stop();
      await server?.stop();
      for (const folder of [dataDir, strataDir]) rmSync(folder, { recursive: true, force: true });
    });

    test.afterEach("no error in the console", () => {
      expect(consoleErrors.splice(0)).toEqual([]);
    });

    test("a one-time address makes the first administrator, and is gone afterwards", async () => {
      const address = /http\S+\/setup\?token=\S+/.exec(stack.output())?.[0] ?? "";
      expect(address).toContain(stack.address);
      await page.goto("/");
      await expect(page).toHaveURL(/sign-in|setup/);
      await page.goto(address.replace(/token=.*/, "token=wrong"));
      await fillAdmin(page);
      await expect(page.getByRole("alert").first()).toContainText("not the current one");
      await page.goto(address);
      await expectAccessible(page);
      await fillAdmin(page);
      await expect(page).toHaveURL(/\/stores\/new/);
      const gone = await page.request.get(address);
      expect(gone.status()).toBe(404);
    });

    test("a pasted address is taken apart, and an unknown parameter is refused by name", async () => {
      await page.goto("/stores/new");
      await expectAccessible(page);
      const paste = page.getByLabel("Paste an address");
      await paste.fill(
        "postgres://u:p@db.example.com:6000/app?sslmode=require&sslrootcert=/etc/passwd&options=-c",
      );
      await page.getByRole("button", { name: "Take apart" }).click();
      await expect(page.getByRole("alert").filter({ hasText: "sslrootcert" })).toContainText("options");
      await paste.fill("postgres://u:p@db.example.com:6000/app?sslmode=require");
      await page.getByRole("button", { name: "Take apart" }).click();
      await expect(page.getByLabel("Host", { exact: true })).toHaveValue("db.example.com");
      await expect(page.getByLabel("Port", { exact: true })).toHaveValue("6000");
      await expect(page.getByLabel("Database", { exact: true })).toHaveValue("app");
      await expect(page.getByLabel("User", { exact: true })).toHaveValue("u");
      await expect(page.getByLabel("TLS", { exact: true })).toHaveValue("require");
    });

    test("what cannot be reached says why: password, host, port, silence, TLS", async () => {
      await page.goto("/stores/new");
      const { port, user, password } = server.address;
      const right = { host: "127.0.0.1", port: String(port), database: "postgres", user, password };
      const silent = hanging.address();
      const cases: [Record<string, string>, RegExp][] = [
        [{ password: "wrong" }, /user name or the password|password/i],
        [{ database: "nowhere" }, /no database of this name/i],
        [{ host: "no-such-host.invalid" }, /does not resolve/i],
        [{ port: String(await freePort()) }, /Nothing listens/i],
        [
          { port: String(silent && typeof silent === "object" ? silent.port : 0) },
          /did not answer|does not answer/i,
        ],
      ];
      for (const [wrong, words] of cases) {
        await fillStore(page, { ...right, ...wrong });
        await page.getByRole("button", { name: "Test connection" }).click();
        await expect(page.getByRole("alert").filter({ hasText: words }).first()).toBeVisible({
          timeout: 14_000,
        });
      }
      await fillStore(page, right);
      await page.getByLabel("TLS", { exact: true }).selectOption("require");
      await page.getByRole("button", { name: "Test connection" }).click();
      await expect(
        page
          .getByRole("alert")
          .filter({ hasText: /does not speak TLS/i })
          .first(),
      ).toBeVisible();
    });

    test("a test shows version, rights, size and limits, and what each missing right costs", async () => {
      await page.goto("/stores/new");
      const { port } = server.address;
      await fillStore(page, {
        host: "127.0.0.1",
        port: String(port),
        database: "postgres",
        user: "reader",
        password: "reads only",
      });
      await page.getByRole("button", { name: "Test connection" }).click();
      const result = page.getByRole("region", { name: "Result of the test" });
      await expect(result).toContainText("It answers.");
      await expect(result).toContainText("18.");
      await expect(result).toContainText("Round trip");
      await expect(result).toContainText("missing");
      await expect(result).toContainText("nothing can be archived");
      await expect(result).toContainText("GRANT DELETE");
      await expect(result).toContainText("pg_stat_statements");
    });

    test("a new store is read-only; its tables are proposed, odd ones say what they cannot", async () => {
      await page.goto("/stores/new");
      const { port, user, password } = server.address;
      await fillStore(page, { host: "127.0.0.1", port: String(port), database: "postgres", user, password });
      await page.getByLabel("Name", { exact: true }).fill("app");
      await page.getByRole("button", { name: "Save store" }).click();
      await expect(page).toHaveURL(/tab=tables/, { timeout: 30_000 });
      await expect(page.getByRole("switch", { name: /Read-only/ })).not.toBeChecked();
      const row = (name: string) =>
        page.getByRole("table", { name: "All tables" }).getByRole("row").filter({ hasText: name });
      await expect(row("keyless")).toContainText("No primary key");
      await expect(row("timeless")).toContainText("No time column");
      await expect(row("Mixed Case")).toContainText("The key has several columns");
      await expect(row("a_view")).toContainText("It is a view");
      await expect(row("对话记录")).toContainText("none");
      await expectAccessible(page);
      await page.getByRole("button", { name: /^Manage 2 tables of Dify/ }).click();
      await expect(row("workflow_node_executions").getByRole("link", { name: "Open dataset" })).toBeVisible();
      await page.goto("/datasets");
      await expect(page.getByRole("link", { name: "workflow_runs", exact: true })).toBeVisible();
      await expect(page.getByRole("link", { name: "workflow_node_executions", exact: true })).toBeVisible();
    });

    test("any other table gets a guess from its columns, to be corrected", async () => {
      await page.goto("/stores");
      await page.getByRole("link", { name: "app", exact: true }).click();
      await page.getByRole("link", { name: /^Tables/ }).click();
      await page
        .getByRole("row")
        .filter({ hasText: "对话记录" })
        .getByRole("link", { name: "Manage…" })
        .click();
      await expect(page.getByLabel("Time", { exact: true })).toHaveValue("创建时间");
      await page.getByRole("button", { name: /^Manage / }).click();
      await expect(page).toHaveURL(/\/datasets\/(?!new)[^/]+/, { timeout: 30_000 });
      await expect(page.getByRole("heading", { level: 1 })).toContainText("对话记录");
    });

    test("nothing can be archived before writes are enabled", async () => {
      await page.goto("/datasets");
      await page.getByRole("link", { name: "workflow_runs", exact: true }).click();
      await page.getByRole("link", { name: "Archive", exact: true }).first().click();
      await expect(page.getByRole("main")).toContainText("read-only");
      await page.getByRole("radio", { name: "By age" }).check();
      await page.getByLabel("Older than, days").fill("100");
      await page.getByRole("button", { name: "Make a plan" }).click();
      await expect(page).toHaveURL(/\/plans\//, { timeout: 30_000 });
      await expect(page.getByRole("main")).toContainText("This plan cannot be run");
    });

    test("an archive survives a restart of everything, and a hand that types the wrong name", async () => {
      test.setTimeout(180_000);
      await page.goto("/stores");
      await page.getByRole("link", { name: "app", exact: true }).click();
      await page.getByRole("switch", { name: /Read-only/ }).click();
      await page.getByRole("alertdialog").getByRole("button", { name: "Enable writes on app" }).click();
      await expect(page.getByRole("switch", { name: /Writes are enabled/ })).toBeVisible();
      await planArchive(page, "workflow_runs", { days: 100, target: ARCHIVE_TABLE });
      const run = page.getByRole("button", { name: /^Archive [\d,]+ rows?/ });
      await page.getByLabel("Type workflow_runs to run").fill("workflow_run");
      await expect(run).toBeDisabled();
      await throttlePlan(page, 10, "5 %");
      await runPlan(page, /^Archive [\d,]+ rows?/, "workflow_runs");
      await expect.poll(async () => progressOf(page), { timeout: 30_000 }).toBeGreaterThan(0);
      const path = new URL(page.url()).pathname;

      await page.goto("about:blank");
      await stack.stop();
      stack = await startStack({ demo: false, dataDir: strataDir, readyMs: 120_000 });
      await page.goto(`${stack.address}${path}`); // still signed in
      await expect(stateOf(page)).toContainText("running", { timeout: 30_000 });
      await page.getByLabel("Batch, rows at most").fill("5000");
      await page.getByLabel("Share of time working").selectOption({ label: "100 %" });
      await page.getByRole("button", { name: "Apply" }).click();
      const proof = await expectGreenProof(page, 90_000);
      const moved =
        "SELECT (SELECT count(*) FROM dify.workflow_runs_archive) + (SELECT count(*) FROM dify.workflow_node_executions_archive) AS n";
      const [row] = await queryAt(server.url("postgres"), moved);
      expect(proof).toEqual({ source: Number(row?.n), target: Number(row?.n) });
    });
  });

async function fillAdmin(page: Page): Promise<void> {
  await page.getByLabel("Name").fill("Ada");
  await page.getByLabel("E-mail").fill("ada@example.com");
  await page.getByLabel("Password").fill("long enough to keep");
  await page.getByRole("button", { name: "Create administrator" }).click();
}

async function fillStore(page: Page, fields: Record<string, string>): Promise<void> {
  const labels = { host: "Host", port: "Port", database: "Database", user: "User", password: "Password" };
  for (const [field, label] of Object.entries(labels)) {
    await page.getByLabel(label, { exact: true }).fill(fields[field] ?? "");
  }
}

async function progressOf(page: Page): Promise<number> {
  return Number((await stateOf(page).getByRole("progressbar").getAttribute("aria-valuenow")) ?? 0);
}
