import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** Which way bytes flow: `down` from the server to the client, `up` from the client to the server. */
export type Direction = "down" | "up";

/** A connection to a server that a test can break. Everything it can do applies to all connections through it. */
export interface TcpProxy {
  host: string;
  port: number;
  /** The same address, by way of the proxy. */
  through(url: string): string;
  /** Connections open now. */
  readonly connections: number;
  /** Bytes passed on since the start. */
  readonly passed: Readonly<Record<Direction, number>>;
  /** Lets this many more bytes pass, then resets every connection. Once: later connections work again. */
  cutAfter(bytes: number, direction?: Direction): void;
  /** The same, but ends the connections in order, as if the server had said all it had to say. */
  truncateAfter(bytes: number, direction?: Direction): void;
  /** Lets this many more bytes pass, then nothing, while connections stay open and new ones are taken. */
  hang(afterBytes?: number, direction?: Direction): void;
  /** Holds every piece of data back for so long, in both directions. 0 ends it. */
  delay(ms: number): void;
  /** Resets every connection open now; new ones work. */
  drop(): void;
  /** Resets every connection and refuses new ones. */
  refuse(): Promise<void>;
  /** Undoes all of the above; what was held back flows on. */
  heal(): Promise<void>;
  /** Ends the proxy and its connections. */
  close(): Promise<void>;
}

interface Limit {
  direction: Direction;
  bytesLeft: number;
  then: "cut" | "truncate" | "hang";
}

interface Pair {
  client: Socket;
  server: Socket;
}

interface State {
  pairs: Set<Pair>;
  passed: Record<Direction, number>;
  limit: Limit | null;
  hanging: boolean;
  delayMs: number;
  /** What a hanging proxy holds back. */
  held: (() => void)[];
}

/** Starts a proxy on a free port of 127.0.0.1 that passes everything on to the target. */
export async function startProxy(target: { host: string; port: number }): Promise<TcpProxy> {
  const state: State = {
    pairs: new Set(),
    passed: { down: 0, up: 0 },
    limit: null,
    hanging: false,
    delayMs: 0,
    held: [],
  };
  let listener = await listen(0, (client) => join(state, client, target));
  const { port } = listener.address() as AddressInfo;
  const limit = (bytes: number, direction: Direction, then: Limit["then"]) => {
    state.limit = { direction, bytesLeft: bytes, then };
    if (bytes === 0) reached(state);
  };
  const refuse = async () => {
    dropAll(state);
    if (listener.listening) await new Promise((closed) => listener.close(closed));
  };
  return {
    host: "127.0.0.1",
    port,
    through: (url) => {
      const address = new URL(url);
      address.host = `127.0.0.1:${port}`;
      return address.toString();
    },
    get connections() {
      return state.pairs.size;
    },
    passed: state.passed,
    cutAfter: (bytes, direction = "down") => limit(bytes, direction, "cut"),
    truncateAfter: (bytes, direction = "down") => limit(bytes, direction, "truncate"),
    hang: (bytes = 0, direction = "down") => limit(bytes, direction, "hang"),
    delay: (ms) => {
      state.delayMs = ms;
    },
    drop: () => dropAll(state),
    refuse,
    heal: async () => {
      Object.assign(state, { limit: null, hanging: false, delayMs: 0 });
      for (const go of state.held.splice(0)) go();
      if (!listener.listening) listener = await listen(port, (client) => join(state, client, target));
    },
    close: refuse,
  };
}

async function listen(port: number, onConnection: (client: Socket) => void): Promise<Server> {
  const listener = createServer({ allowHalfOpen: true }, onConnection);
  listener.listen(port, "127.0.0.1");
  await once(listener, "listening");
  return listener;
}

/** Ties a client to a connection of its own to the target. */
function join(state: State, client: Socket, target: { host: string; port: number }): void {
  const server = connect({ ...target, allowHalfOpen: true });
  const pair = { client, server };
  state.pairs.add(pair);
  for (const socket of [client, server]) {
    socket.setNoDelay(true);
    socket.on("error", () => reset(state, pair));
    socket.on("close", () => {
      if (client.destroyed && server.destroyed) state.pairs.delete(pair);
    });
  }
  flow(state, server, client, "down");
  flow(state, client, server, "up");
}

/** Passes on one piece after the other, so that none overtakes another that is held back. */
function flow(state: State, from: Socket, to: Socket, direction: Direction): void {
  const pass = (chunk: Buffer): void => {
    if (state.hanging) {
      state.held.push(() => pass(chunk));
      return;
    }
    const { limit } = state;
    if (limit?.direction === direction && chunk.length >= limit.bytesLeft) {
      const last = chunk.subarray(0, limit.bytesLeft);
      limit.bytesLeft = 0;
      state.passed[direction] += last.length;
      to.write(last, () => {
        reached(state);
        const rest = chunk.subarray(last.length);
        if (!to.writable) return;
        if (rest.length > 0) pass(rest);
        else from.resume();
      });
      return;
    }
    if (limit?.direction === direction) limit.bytesLeft -= chunk.length;
    state.passed[direction] += chunk.length;
    if (to.write(chunk)) from.resume();
    else to.once("drain", () => from.resume());
  };
  from.on("data", (chunk: Buffer) => {
    from.pause();
    if (state.delayMs > 0) setTimeout(() => pass(chunk), state.delayMs);
    else pass(chunk);
  });
  from.on("end", () => to.end());
}

/** The limit is reached: what it was set for happens. */
function reached(state: State): void {
  const { limit } = state;
  if (!limit) return;
  state.limit = null;
  if (limit.then === "hang") state.hanging = true;
  else if (limit.then === "cut") dropAll(state);
  else
    for (const { client, server } of state.pairs) {
      client.end();
      server.destroy();
    }
}

function dropAll(state: State): void {
  state.held.length = 0;
  for (const pair of state.pairs) reset(state, pair);
}

function reset(state: State, pair: Pair): void {
  state.pairs.delete(pair);
  for (const socket of [pair.client, pair.server]) if (!socket.destroyed) socket.resetAndDestroy();
}
