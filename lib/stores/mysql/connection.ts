import { connect as connectSocket, isIP, type Socket } from "node:net";
import type { Connection, Query } from "mysql2";
import { hostGuard } from "@/lib/stores/host-guard";
import type { MysqlConfig } from "@/lib/stores/mysql/config";
import type { OpenOptions } from "@/lib/stores/store";

/** A row as the server sent it: the text of each value, null for NULL. */
export type RawRow = readonly (Buffer | null)[];

export interface Server {
  mariadb: boolean;
  /** `10.11.6` */
  version: string;
  /** Longest statement and longest value of a row that the server takes. */
  maxPacketBytes: number;
}

/** One connection with its session pinned. */
export interface Link {
  connection: Connection;
  threadId: string;
  server: Server;
  /** What was last SET for timeouts. */
  settings: string;
  broken: boolean;
  /** Statements under way: mysql2 tells them nothing when their connection is destroyed. */
  pending: Set<(error: unknown) => void>;
}

const CONNECT_TIMEOUT_MS = 8_000;
/** A consumer that is slow keeps the server waiting: not for the default of a minute, after which it hangs up. */
const NET_TIMEOUT_S = 3_600;

/**
 * The sql_mode of every session: backslash escapes (sql.ts relies on them), zero dates and odd dates as they lie, an
 * id of 0 as 0. `strict` refuses a value that does not fit; without it the digests tell that it did not.
 */
export const SQL_MODE = {
  strict: "STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES,NO_ENGINE_SUBSTITUTION",
  loose: "NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES,NO_ENGINE_SUBSTITUTION",
} as const;

/** Opens a connection and pins its session. Throws what mysql2 or the server says. */
export async function openLink(config: MysqlConfig, options: OpenOptions): Promise<Link> {
  const guard = hostGuard(options.allowedHosts);
  await guard.check(config.host);
  const connection = await connectAs(config, options, guard);
  try {
    return await pinned(connection, options);
  } catch (error) {
    connection.destroy();
    throw error;
  }
}

type Guard = ReturnType<typeof hostGuard>;

async function connectAs(config: MysqlConfig, options: OpenOptions, guard: Guard): Promise<Connection> {
  if (config.ssl !== "prefer") return connectOnce(config, options, guard, config.ssl !== "disable");
  try {
    return await connectOnce(config, options, guard, true);
  } catch (error) {
    if ((error as { code?: string }).code !== "HANDSHAKE_NO_SSL_SUPPORT") throw error;
    return connectOnce(config, options, guard, false);
  }
}

async function connectOnce(
  config: MysqlConfig,
  options: OpenOptions,
  guard: Guard,
  tls: boolean,
): Promise<Connection> {
  const { createConnection } = await import("mysql2");
  const verify = config.ssl === "verify-full";
  const socket = openSocket(config, guard);
  const connection = createConnection({
    host: config.host,
    port: config.port,
    user: config.user,
    password: config.password,
    database: config.database,
    stream: () => socket,
    ...(tls && {
      ssl: {
        ...(config.ca?.trim() && { ca: config.ca }),
        rejectUnauthorized: verify,
        verifyIdentity: verify,
      },
    }),
    connectTimeout: Math.min(CONNECT_TIMEOUT_MS, options.timeoutMs),
    charset: "utf8mb4_general_ci",
    supportBigNumbers: true,
    bigNumberStrings: true,
    dateStrings: true,
    multipleStatements: false,
    // A server may ask for any file of this machine by LOAD DATA LOCAL INFILE: it is told that we do not know how.
    flags: ["-LOCAL_FILES"],
    rowsAsArray: true,
    typeCast: false,
    connectAttributes: { program_name: options.name },
  });
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => {
      const told = tlsReason(connection, silent(error, socket));
      connection.destroy();
      reject(told);
    };
    connection.once("error", fail);
    connection.once("connect", () => {
      connection.removeListener("error", fail);
      // A connection that dies while nobody asks it anything must not end the process.
      connection.on("error", () => undefined);
      resolve(connection);
    });
  });
}

/** mysql2 puts its own code over that of a refused certificate; the socket still knows it. */
function tlsReason(connection: Connection, error: unknown): unknown {
  const { stream } = connection as unknown as { stream?: { authorizationError?: unknown } };
  const reason = stream?.authorizationError;
  const isTls = (error as { code?: string }).code === "HANDSHAKE_SSL_ERROR";
  return isTls && typeof reason === "string"
    ? Object.assign(new Error(reason, { cause: error }), { code: reason })
    : error;
}

/** Time ran out though somebody took the connection: it waits for us to speak first, which MySQL does not. */
function silent(error: unknown, socket: Socket): unknown {
  const timedOut = (error as { code?: string }).code === "ETIMEDOUT";
  return timedOut && socket.bytesRead === 0 && socket.bytesWritten === 0 && greeted.has(socket)
    ? notMysql()
    : error;
}

const greeted = new WeakSet<Socket>();
const notMysql = () => Object.assign(new Error("no greeting"), { code: "STRATA_NOT_MYSQL" });

/** First byte of a server's first packet: protocol version 10, or an error (too many connections, host blocked). */
const GREETINGS = new Set([0x0a, 0xff]);

function openSocket(config: MysqlConfig, guard: Guard): Socket {
  const address = { host: config.host, port: config.port };
  const socket = connectSocket(isIP(config.host) ? address : { ...address, lookup: guard.lookup });
  // mysql2 names no host to TLS when it is an address, and Node would take "localhost" for it: this is where it looks.
  Object.assign(socket, { _host: config.host });
  socket.setNoDelay(true);
  socket.setKeepAlive(true, 30_000);
  socket.once("connect", () => greeted.add(socket));
  socket.once("data", (chunk: Buffer) => {
    if (chunk.length >= 5 && !GREETINGS.has(chunk[4] ?? 0)) socket.destroy(notMysql());
  });
  return socket;
}

async function pinned(connection: Connection, options: OpenOptions): Promise<Link> {
  const [row] = await rawQuery(connection, "SELECT VERSION(), CONNECTION_ID(), @@max_allowed_packet");
  const [version = "", threadId = "0", packet = "0"] = (row ?? []).map((value) => value?.toString() ?? "");
  const mariadb = /mariadb/i.test(version);
  const server = {
    mariadb,
    version: /\d+(\.\d+)+/.exec(version.replace(/^5\.5\.5-/, ""))?.[0] ?? version,
    maxPacketBytes: Number(packet),
  };
  for (const [statement, optional] of pins(options, mariadb)) {
    await rawQuery(connection, statement).catch((error: { errno?: number }) => {
      // 1193: this version does not know the variable.
      if (!optional || error.errno !== 1193) throw error;
    });
  }
  return { connection, threadId, server, settings: "", broken: false, pending: new Set() };
}

/** What makes text forms the same on every server, and plans those that the statements were written for. */
function pins(options: OpenOptions, mariadb: boolean): [statement: string, optional: boolean][] {
  return [
    ["SET NAMES utf8mb4", false],
    [
      `SET SESSION time_zone = '+00:00', sql_mode = '${SQL_MODE.strict}', autocommit = 1, foreign_key_checks = 1, unique_checks = 1, sql_safe_updates = 0, sql_select_limit = DEFAULT, sql_auto_is_null = 0, sql_big_selects = 1, net_write_timeout = ${NET_TIMEOUT_S}, net_read_timeout = ${NET_TIMEOUT_S}`,
      false,
    ],
    ["SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED", false],
    ...(options.access === "read"
      ? [["SET SESSION TRANSACTION READ ONLY", false] satisfies [string, boolean]]
      : []),
    ...(mariadb ? MARIADB_PINS : MYSQL_PINS).map((name): [string, boolean] => [`SET SESSION ${name}`, true]),
  ];
}

/** Long key lists stay lists: turned into a join they would be read from the wrong side. */
const MARIADB_PINS = ["in_predicate_conversion_threshold = 0", "optimizer_max_sel_args = 0"];
/** Sizes are of now and not of up to a day ago; long key lists are looked up, not scanned for. */
const MYSQL_PINS = ["information_schema_stats_expiry = 0", "range_optimizer_max_mem_size = 0"];

/** All rows of a statement, as raw text. Rows of a statement without any: none. */
export function rawQuery(connection: Connection, sql: string): Promise<RawRow[]> {
  return new Promise((resolve, reject) => {
    connection.query(sql, (error, rows) =>
      error ? reject(error) : resolve(Array.isArray(rows) ? (rows as unknown as RawRow[]) : []),
    );
  });
}

/** A statement whose rows are taken one by one: the core API's emitter. */
export const emitting = (connection: Connection, sql: string): Query => connection.query(sql);
