import { readFileSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { z } from "zod";
import { resetEnv } from "@/lib/env";
import { type Stack, startStack } from "../e2e/stack";
import { ACTOR } from "./app-database";

const SLOW_MS = 5_000;

export interface Console {
  stack: Stack;
  /** Request headers of a signed-in administrator. */
  headers: Record<string, string>;
  /** Addresses of every page, with real ids in them. */
  pages: string[];
  close(): Promise<void>;
}

/** A demo with as many more stores as asked for: the last two are one that died and one that answers after 5 s. */
export async function openConsole(storeCount: number): Promise<Console> {
  const stack = await startStack({ demo: true });
  const proxies: Proxy[] = [];
  await pointAtControlOf(stack);
  if (storeCount > 2) proxies.push(...(await addStores(stack, storeCount)));
  const headers = await signIn(stack);
  return {
    stack,
    headers,
    pages: await pagesOf(),
    close: async () => {
      const { closeDatabase } = await import("@/lib/control/database");
      await closeDatabase();
      await stack.stop();
      for (const proxy of proxies) proxy.close();
    },
  };
}

/** This process reads and writes the same control DB as the stack. */
async function pointAtControlOf(stack: Stack): Promise<void> {
  Object.assign(process.env, { STRATA_DATA: stack.dataDir, STRATA_LOG: "error" });
  resetEnv();
  const { readAddress } = await import("@/lib/control/address");
  const address = readAddress(stack.dataDir);
  if (!address) throw new Error("The stack left no address of its control DB.");
}

const accountsSchema = z.object({ password: z.string() });

async function signIn(stack: Stack): Promise<Record<string, string>> {
  const { password } = accountsSchema.parse(
    JSON.parse(readFileSync(join(stack.dataDir, "demo-accounts.json"), "utf8")),
  );
  const response = await fetch(`${stack.address}/api/auth/sign-in/email`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: stack.address },
    body: JSON.stringify({ email: "admin@strata.local", password }),
  });
  if (!response.ok) throw new Error(`Sign-in answered ${response.status}.`);
  return {
    cookie: response.headers
      .getSetCookie()
      .map((line) => line.split(";")[0])
      .join("; "),
  };
}

async function addStores(stack: Stack, storeCount: number): Promise<Proxy[]> {
  const { demoUrl, readDemoFile } = await import("@/lib/demo/demo-file");
  const { createStore } = await import("@/lib/services/stores/create");
  const file = await readDemoFile(stack.dataDir);
  if (!file) throw new Error("The stack has no demo database.");
  const config = {
    host: file.host,
    port: file.port,
    database: file.database,
    user: file.user,
    password: file.password,
  };
  const proxies = [await openProxy(new URL(demoUrl(file))), await openProxy(new URL(demoUrl(file)))];
  const more = storeCount - 2 - proxies.length;
  for (let number = 1; number <= more; number++)
    await createStore(ACTOR, { name: `copy-${number}`, kind: "postgres", config });
  const [dead, slow] = proxies;
  await createStore(ACTOR, { name: "dead", kind: "postgres", config: { ...config, port: dead?.port ?? 0 } });
  await createStore(ACTOR, { name: "slow", kind: "postgres", config: { ...config, port: slow?.port ?? 0 } });
  dead?.close();
  slow?.delay(SLOW_MS);
  return proxies;
}

interface Proxy {
  port: number;
  delay(ms: number): void;
  close(): void;
}

/** A TCP relay to a server; what the server says can be held back. */
function openProxy(target: URL): Promise<Proxy> {
  let delayMs = 0;
  const sockets = new Set<Socket>();
  const server: Server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => socket.destroy());
      socket.on("close", () => sockets.delete(socket));
    }
    client.on("data", (chunk) => upstream.write(chunk));
    upstream.on("data", (chunk) => setTimeout(() => client.writable && client.write(chunk), delayMs));
    client.on("close", () => upstream.destroy());
    upstream.on("close", () => client.destroy());
  });
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve({
        port: address && typeof address === "object" ? address.port : 0,
        delay: (ms) => {
          delayMs = ms;
        },
        close: () => {
          server.close();
          for (const socket of sockets) socket.destroy();
        },
      });
    });
  });
}

async function pagesOf(): Promise<string[]> {
  const { db } = await import("@/lib/control/database");
  const [stores, datasets] = await Promise.all([
    db().store.findMany({ select: { id: true, name: true } }),
    db().dataset.findMany({ select: { id: true, name: true } }),
  ]);
  const storeId = (name: string) => stores.find((store) => store.name === name)?.id;
  const datasetId = datasets.find((dataset) => dataset.name === "messages")?.id;
  const ofStores = ["aiapps", "cold", "dead", "slow"].flatMap((name) =>
    storeId(name) ? [`/stores/${storeId(name)}`] : [],
  );
  const ofDataset = [
    "",
    "?tab=indexes",
    "?tab=columns",
    "?tab=segments",
    "/archive",
    "/restore",
    "/optimize",
  ].map((rest) => `/datasets/${datasetId}${rest}`);
  return [
    "/",
    "/stores",
    "/stores/new",
    ...ofStores,
    "/datasets",
    "/datasets/compare",
    ...ofDataset,
    "/operations",
    "/search",
    "/audit",
    "/settings",
  ];
}
