import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { hasErrno } from "@/lib/control/files";
import { addressVariable } from "./server-kinds";

/** The project's folder: this file lies in lib/stores/testing. */
const ROOT = resolve(import.meta.dirname, "..", "..", "..");

/** A variable's value by its name: process.env outside of lib, import.meta.env inside of vitest. */
export type Variables = (name: string) => string | undefined;

/** A server as tests reach it. */
export interface TestServer {
  name: string;
  /** The first host's address, with user and password. */
  url: string;
  /** One address per host: a cluster's nodes, or a primary and then its standbys. */
  urls: readonly string[];
  host: string;
  port: number;
  /** Empty where the server asks for none. */
  user: string;
  password: string;
  /** The path without its slash: a database's name or number; empty for none. */
  database: string;
  /** The query's parameters, such as an S3 server's region. */
  parameters: Readonly<Record<string, string>>;
}

/** One running process: its start time tells it from a later one with the same number. */
export interface ServerProcess {
  pid: number;
  startedAt: string;
}

/** What `npm run servers` writes down about one server it started. */
export interface StartedServer {
  url: string;
  ports: number[];
  processes: ServerProcess[];
  /** Its data and its log (server.log). */
  folder: string;
}

export interface ServerFile {
  servers: Record<string, StartedServer>;
}

/** Where servers are kept: programs, data and the file of addresses. */
export function serverFolder(variables: Variables): string {
  return variables("STRATA_SERVERS_CACHE") ?? join(ROOT, "node_modules", ".cache", "strata-servers");
}

/** The file of addresses: STRATA_SERVERS_FILE, else servers.json in the folder of servers. */
export function serverFilePath(variables: Variables): string {
  return variables("STRATA_SERVERS_FILE") ?? join(serverFolder(variables), "servers.json");
}

/** What runs according to the file of addresses; nothing when there is no file. */
export function readServerFile(variables: Variables): ServerFile {
  const path = serverFilePath(variables);
  if (!existsSync(path)) return { servers: {} };
  return JSON.parse(readFileSync(path, "utf8")) as ServerFile;
}

/** The server of that name: at its variable's address, else one that was started and still runs; else null. */
export function findServer(name: string, variables: Variables): TestServer | null {
  const own = variables(addressVariable(name));
  if (own) return parseAddress(name, own);
  const started = readServerFile(variables).servers[name];
  return started?.processes.every(({ pid }) => exists(pid)) ? parseAddress(name, started.url) : null;
}

function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return hasErrno(error, "EPERM"); // another user's
  }
}

/** Takes an address apart that may name several hosts: `redis://u:p@a:1,b:2/0`. Throws on anything else. */
export function parseAddress(name: string, address: string): TestServer {
  const parts = /^([a-z+]+:\/\/)((?:[^@/?]*@)?)([^/?]+)(.*)$/i.exec(address);
  if (!parts) throw new Error(`${addressVariable(name)} is not an address: ${address}`);
  const [, scheme = "", login = "", hosts = "", rest = ""] = parts;
  const urls = hosts.split(",").map((host) => `${scheme}${login}${host}${rest}`);
  const url = new URL(urls[0] ?? "");
  return {
    name,
    url: urls[0] ?? "",
    urls,
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: Number(url.port),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: decodeURIComponent(url.pathname.replace(/^\//, "")),
    parameters: Object.fromEntries(url.searchParams),
  };
}
