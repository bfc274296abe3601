import { createHash, randomBytes } from "node:crypto";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { Backend } from "@/lib/stores/logstore/testing/backend";
import { rule } from "@/lib/stores/logstore/testing/rules";
import {
  authMd5,
  authOk,
  backendKey,
  CANCEL_REQUEST,
  complete,
  dataRow,
  description,
  failure,
  GSS_REQUEST,
  message,
  parameter,
  Reader,
  ready,
  SSL_REQUEST,
} from "@/lib/stores/logstore/testing/wire";

export interface DoubleAccount {
  user: string;
  password: string;
  /** As with the policy AliyunLogReadOnlyAccess. */
  readOnly?: boolean;
}

export interface DoubleOptions {
  /** The PostgreSQL behind it, that rows lie in. */
  backendUrl: string;
  project: string;
  accounts: readonly DoubleAccount[];
  /** PEM texts. Absent: TLS is refused. */
  tls?: { key: string; cert: string };
  /** So long a new project is not to be reached: about 90 s in truth, a thousandth of that here. */
  projectReadyAfterMs?: number;
  /** So long after a write a query does not see it. Default 0. */
  visibleAfterMs?: number;
}

/** What the tests of the `logstore` driver run against: a double of Aliyun's LogStore, not the thing itself. */
export interface LogstoreDouble {
  host: string;
  port: number;
  /** Statements that were asked for, in their order. */
  readonly asked: string[];
  /** Without it a logstore answers no query: with an error, or as if it were empty. */
  setScanIndex(logstore: string, state: "on" | "error" | "empty"): void;
  close(): Promise<void>;
}

interface Shared {
  options: DoubleOptions;
  readyAtMs: number;
  asked: string[];
  scanIndex: Map<string, "on" | "error" | "empty">;
  backend: Backend;
}

/** A query without LIMIT gives the first hundred rows. */
const ROWS_WITHOUT_LIMIT = 100;

/**
 * A small server of PostgreSQL's protocol that keeps to what is documented of LogStore: simple queries only, MD5
 * passwords, TLS where it has a certificate, transactions accepted and ignored, rows appended and never changed.
 */
export async function startLogstoreDouble(options: DoubleOptions): Promise<LogstoreDouble> {
  const shared: Shared = {
    options,
    readyAtMs: Date.now() + (options.projectReadyAfterMs ?? 90),
    asked: [],
    scanIndex: new Map(),
    backend: new Backend(options.backendUrl, options.visibleAfterMs ?? 0),
  };
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    new Conversation(socket, shared);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    host: "127.0.0.1",
    port: (server.address() as AddressInfo).port,
    asked: shared.asked,
    setScanIndex: (logstore, state) => shared.scanIndex.set(logstore, state),
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      await shared.backend.close();
    },
  };
}

/** One connection, from the first byte to the last. */
class Conversation {
  private readonly reader = new Reader();
  private socket: Socket;
  private account: DoubleAccount | null = null;
  private user = "";
  private salt = randomBytes(4);
  /** After a refused message of the extended protocol everything up to Sync is passed over. */
  private skipping = false;
  private queue: Promise<void> = Promise.resolve();

  constructor(
    socket: Socket,
    private readonly shared: Shared,
  ) {
    this.socket = socket;
    this.listen(socket);
  }

  private listen(socket: Socket): void {
    socket.on("error", () => socket.destroy());
    socket.on("data", (chunk) => {
      for (const { type, body } of this.reader.take(chunk)) {
        if (type === "" && this.greeting(body)) return;
        if (type !== "")
          this.queue = this.queue.then(() => this.answer(type, body)).catch(() => void socket.destroy());
      }
    });
  }

  /** True when the rest of the chunk is not ours to read. */
  private greeting(body: Buffer): boolean {
    const code = body.readInt32BE(0);
    if (code === CANCEL_REQUEST) this.socket.destroy();
    else if (code === GSS_REQUEST) this.socket.write("N");
    else if (code === SSL_REQUEST) return this.upgrade();
    else this.startup(body.subarray(4));
    return code === CANCEL_REQUEST;
  }

  private upgrade(): boolean {
    const { tls } = this.shared.options;
    this.socket.write(tls ? "S" : "N");
    if (!tls) return false;
    this.socket.removeAllListeners("data");
    this.reader.restart();
    this.socket = new TLSSocket(this.socket, { isServer: true, ...tls });
    this.listen(this.socket);
    return true;
  }

  private startup(body: Buffer): void {
    const parts = body.toString("utf8").split("\0");
    const pairs = new Map<string, string>();
    for (let at = 0; at + 1 < parts.length; at += 2) pairs.set(parts[at] ?? "", parts[at + 1] ?? "");
    this.user = pairs.get("user") ?? "";
    const { project } = this.shared.options;
    if (pairs.get("database") !== project || Date.now() < this.shared.readyAtMs) {
      this.socket.end(failure("FATAL", "3D000", `project ${pairs.get("database")} does not exist`));
      return;
    }
    this.socket.write(authMd5(this.salt));
  }

  private async answer(type: string, body: Buffer): Promise<void> {
    if (type === "p") return this.password(body);
    if (!this.account || type === "X") {
      this.socket.end();
      return;
    }
    if (type === "S") {
      this.skipping = false;
      this.socket.write(ready());
      return;
    }
    if (this.skipping) return;
    if (type === "Q") return this.query(body.toString("utf8").replace(/\0$/, ""));
    this.skipping = true;
    this.socket.write(failure("ERROR", "0A000", "prepared statements are not supported"));
  }

  private password(body: Buffer): void {
    const account = this.shared.options.accounts.find(({ user }) => user === this.user);
    const md5 = (...parts: (string | Buffer)[]) =>
      parts.reduce((hash, part) => hash.update(part), createHash("md5")).digest("hex");
    const expected = account && `md5${md5(md5(account.password, account.user), this.salt)}`;
    if (!account || body.toString("utf8").replace(/\0$/, "") !== expected) {
      this.socket.end(failure("FATAL", "28P01", "the access key is wrong"));
      return;
    }
    this.account = account;
    const parameters = { server_version: "13.0", client_encoding: "UTF8", standard_conforming_strings: "on" };
    const told = Object.entries(parameters).map(([name, value]) => parameter(name, value));
    this.socket.write(Buffer.concat([authOk(), ...told, backendKey(1), ready()]));
  }

  private async query(sql: string): Promise<void> {
    this.shared.asked.push(sql);
    try {
      await this.run(sql);
    } catch (error) {
      const { code = "XX000", message: said = String(error) } = error as { code?: string; message?: string };
      this.socket.write(failure("ERROR", code, said));
    }
    this.socket.write(ready());
  }

  private async run(sql: string): Promise<void> {
    if (sql.trim() === "") {
      this.socket.write(message("I"));
      return;
    }
    const ruling = rule(sql);
    const { backend, scanIndex } = this.shared;
    switch (ruling.do) {
      case "refuse":
        throw Object.assign(new Error(ruling.message), { code: ruling.code });
      case "ignore":
        this.socket.write(complete(ruling.tag));
        return;
      case "select": {
        const states = ruling.logstores.map((name) => scanIndex.get(name) ?? "on");
        if (states.includes("error"))
          throw Object.assign(new Error("the logstore has no scan index"), { code: "55000" });
        const { fields, rows } = await backend.read(sql);
        const shown = states.includes("empty")
          ? []
          : ruling.limited
            ? rows
            : rows.slice(0, ROWS_WITHOUT_LIMIT);
        this.socket.write(
          Buffer.concat([description(fields), ...shown.map(dataRow), complete(`SELECT ${shown.length}`)]),
        );
        return;
      }
      default:
        if (this.account?.readOnly) throw Object.assign(new Error("denied by RAM"), { code: "42501" });
        this.socket.write(
          complete(ruling.do === "insert" ? await backend.append(sql) : await backend.define(sql)),
        );
    }
  }
}
