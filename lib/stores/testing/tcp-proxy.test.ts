import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startProxy, type TcpProxy } from "@/lib/stores/testing/tcp-proxy";

/** Answers with what it gets; "big" makes it say a megabyte. */
let echo: Server;
let proxy: TcpProxy;
const BIG = Buffer.alloc(1 << 20, "x");

beforeAll(async () => {
  echo = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.on("data", (chunk) => socket.write(chunk.toString() === "big" ? BIG : chunk));
  });
  echo.listen(0, "127.0.0.1");
  await once(echo, "listening");
});
afterAll(() => echo.close());
beforeEach(async () => {
  const { port } = echo.address() as AddressInfo;
  proxy = await startProxy({ host: "127.0.0.1", port });
});
afterEach(() => proxy.close());

interface Caller {
  socket: Socket;
  /** What arrived so far. */
  heard(): string;
  /** Resolves with how the connection ended: "end" in order, or the error's code. */
  ended: Promise<string>;
}

function call(): Caller {
  const socket = connect(proxy.port, "127.0.0.1");
  const chunks: Buffer[] = [];
  socket.on("data", (chunk) => chunks.push(chunk));
  const ended = new Promise<string>((resolve) => {
    socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? "?"));
    socket.on("end", () => resolve("end"));
  });
  return { socket, heard: () => Buffer.concat(chunks).toString(), ended };
}

describe("a proxy", () => {
  test("passes everything on, both ways, and counts it", async () => {
    const caller = call();
    caller.socket.write("big");
    await expect.poll(() => caller.heard().length).toBe(BIG.length);
    expect(proxy.passed).toEqual({ down: BIG.length, up: 3 });
    expect(proxy.connections).toBe(1);
    caller.socket.destroy();
    await expect.poll(() => proxy.connections).toBe(0);
  });

  test("names itself in an address", () => {
    expect(proxy.through("redis://u:p@db:6379/0")).toBe(`redis://u:p@127.0.0.1:${proxy.port}/0`);
    expect(proxy.through("http://db:9200/x?y=z")).toBe(`http://127.0.0.1:${proxy.port}/x?y=z`);
  });

  test("cuts after so many bytes, once", async () => {
    const caller = call();
    proxy.cutAfter(1_000);
    caller.socket.write("big");
    expect(await caller.ended).toBe("ECONNRESET");
    expect(proxy.passed.down).toBe(1_000);
    const next = call();
    next.socket.write("hello");
    await expect.poll(next.heard).toBe("hello");
    next.socket.destroy();
  });

  test("cuts what is sent, too", async () => {
    const caller = call();
    proxy.cutAfter(4, "up");
    caller.socket.write("hello");
    expect(await caller.ended).toBe("ECONNRESET");
    expect(proxy.passed.up).toBe(4);
  });

  test("truncates: the first bytes arrive, then the end", async () => {
    const caller = call();
    proxy.truncateAfter(1_000);
    caller.socket.write("big");
    expect(await caller.ended).toBe("end");
    expect(caller.heard()).toHaveLength(1_000);
    caller.socket.destroy();
  });

  test("hangs, takes new connections, and heals without losing a byte", async () => {
    const caller = call();
    proxy.hang(10);
    caller.socket.write("big");
    await expect.poll(() => caller.heard().length).toBe(10);
    const next = call();
    next.socket.write("hello");
    await once(next.socket, "connect");
    await expect.poll(() => proxy.connections).toBe(2);
    expect(next.heard()).toBe("");
    expect(caller.heard()).toHaveLength(10);
    await proxy.heal();
    await expect.poll(next.heard).toBe("hello");
    await expect.poll(() => caller.heard().length).toBe(BIG.length);
    next.socket.destroy();
    caller.socket.destroy();
  });

  test("delays", async () => {
    const caller = call();
    proxy.delay(60);
    const begun = performance.now();
    caller.socket.write("hello");
    await expect.poll(caller.heard).toBe("hello");
    expect(performance.now() - begun).toBeGreaterThan(115);
    caller.socket.destroy();
  });

  test("drops what is open, and works on", async () => {
    const caller = call();
    caller.socket.write("hello");
    await expect.poll(caller.heard).toBe("hello");
    proxy.drop();
    expect(await caller.ended).toBe("ECONNRESET");
    const next = call();
    next.socket.write("again");
    await expect.poll(next.heard).toBe("again");
    next.socket.destroy();
  });

  test("refuses until it is healed, on the same port", async () => {
    await proxy.refuse();
    expect(await call().ended).toBe("ECONNREFUSED");
    await proxy.heal();
    const next = call();
    next.socket.write("again");
    await expect.poll(next.heard).toBe("again");
    next.socket.destroy();
  });
});
