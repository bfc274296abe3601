import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { addressUrl, type EmbeddedAddress } from "@/lib/control/address";
import { processExists } from "@/lib/control/lock";
import { queryAt } from "./database";
import { demo } from "./demo";
import { descendants } from "./processes";
import { freePort } from "./stack";
import { openTerminal, type Terminal } from "./terminal";

const READY = /Strata is ready: (http:\S+)\n(Sign in as (\S+) .*password (\S+)|.*)\n/;

let terminal: Terminal | undefined;
let dataDir: string;

/** `npm run demo` or `npm start`, as the README says it. */
function command(words: readonly string[], port: number): Terminal {
  const env = { NODE_ENV: "production", PORT: String(port), STRATA_DATA: dataDir };
  terminal = openTerminal("npm", ["--silent", ...words], env);
  return terminal;
}

/** Ctrl-C, and nothing that it had started is left. */
async function expectGone(started: Terminal): Promise<void> {
  const processes = [started.pid, ...descendants(started.pid, "")];
  expect(processes.length).toBeGreaterThan(3);
  await started.ctrlC();
  expect(started.output()).toContain("Stopped.");
  await expect.poll(() => processes.filter(processExists), { timeout: 10_000 }).toEqual([]);
}

const databaseUrl = (): string => {
  const address: EmbeddedAddress = JSON.parse(readFileSync(join(dataDir, "postgres.json"), "utf8"));
  return addressUrl(address, "aiapps");
};

const isMarked = async (): Promise<boolean> => {
  const [row] = await queryAt(databaseUrl(), "SELECT to_regclass('public.marked') IS NOT NULL AS yes");
  return row?.yes === true;
};

async function countRows(): Promise<Record<string, number>> {
  const tables = ["dify.workflow_runs", "dify.messages", "newapi.logs"];
  const counts: Record<string, number> = {};
  for (const table of tables) {
    const [row] = await queryAt(databaseUrl(), `SELECT count(*) AS n FROM ${table}`);
    counts[table] = Number(row?.n);
  }
  return counts;
}

/** A port that somebody listens on, below those that the system gives to whoever asks for any. */
async function takePort(): Promise<{ server: Server; port: number }> {
  for (;;) {
    const port = 21_000 + Math.floor(Math.random() * 10_000);
    const server = createServer();
    const open = await new Promise<boolean>((resolve) => {
      server.once("error", () => resolve(false));
      server.listen(port, "127.0.0.1", () => resolve(true));
    });
    if (open) return { server, port };
  }
}

test.describe
  .serial("A: the commands of the README", () => {
    test.beforeAll("a folder of its own", () => {
      dataDir = mkdtempSync(join(tmpdir(), "strata-e2e-start-"));
    });
    test.afterEach("what a failed story left ends", async () => {
      await terminal?.ctrlC();
    });
    test.afterAll("the folder goes", () => rmSync(dataDir, { recursive: true, force: true }));

    test("the demo of these stories was ready within 90 s", () => {
      expect(demo().readyMs).toBeLessThan(90_000);
    });

    let before: Record<string, number>;
    let password: string;

    test("npm run demo: prints address and sign-in; a taken port gives way to the next one, and that is said", async () => {
      test.setTimeout(120_000);
      const { server, port } = await takePort();
      const started = command(["run", "demo"], port);
      const [, address = "", , email = "", word = ""] = await started.sees(READY, 90_000);
      server.close();
      const used = Number(new URL(address).port);
      expect(used).toBeGreaterThan(port);
      expect(started.output()).toContain(`Port ${port} is taken; Strata uses ${used}.`);
      const answer = await fetch(`${address}/api/auth/sign-in/email`, {
        method: "POST",
        headers: { "content-type": "application/json", origin: address },
        body: JSON.stringify({ email, password: word }),
      });
      expect(answer.status).toBe(200);
      password = word;
      before = await countRows();
      await queryAt(databaseUrl(), "CREATE TABLE public.marked (n int)");
      expect(before["newapi.logs"]).toBeGreaterThan(10_000);
      await expectGone(started);
    });

    test("after Ctrl-C a second start is there within 10 s, with the same data", async () => {
      test.setTimeout(60_000);
      const startedAt = Date.now();
      const started = command(["run", "demo"], await freePort());
      const [, , , , word] = await started.sees(READY, 30_000);
      const tookMs = Date.now() - startedAt;
      expect(word).toBe(password);
      expect(await isMarked()).toBe(true);
      for (const [table, rows] of Object.entries(await countRows()))
        expect(rows).toBeGreaterThanOrEqual(before[table] ?? 0);
      await expectGone(started);
      expect(tookMs).toBeLessThan(10_000);
    });

    test("npm start without the demo prints a one-time address for the first administrator", async () => {
      test.setTimeout(60_000);
      const folder = dataDir;
      dataDir = mkdtempSync(join(tmpdir(), "strata-e2e-start-"));
      const started = command(["start"], await freePort());
      const [, address = "", line = ""] = await started.sees(READY, 40_000);
      const setUp = /http\S+\/setup\?token=\S+/.exec(line)?.[0] ?? "";
      expect(setUp).toContain(address);
      expect((await fetch(setUp)).status).toBe(200);
      await expectGone(started);
      rmSync(dataDir, { recursive: true, force: true });
      dataDir = folder;
    });

    test("npm run demo -- --reset begins anew", async () => {
      test.setTimeout(120_000);
      const started = command(["run", "demo", "--", "--reset"], await freePort());
      const [, , , , word] = await started.sees(READY, 90_000);
      expect(started.output()).toContain(`Begun anew in ${dataDir}`);
      expect(word).not.toBe(password);
      expect(await isMarked()).toBe(false);
      expect((await countRows())["newapi.logs"]).toBeGreaterThan(10_000);
      await expectGone(started);
    });
  });
