import type { Document } from "mongodb";
import { asked, numberIn } from "@/lib/stores/mongodb/answers";
import type { MongoHandle, RunOptions } from "@/lib/stores/mongodb/client";
import type { Health, Limit, Right } from "@/lib/stores/store";

const CHECK_MS = 10_000;
const LOW_SPACE_SHARE = 0.1;
/** MongoDB 4.2: the oldest that is supported. */
const OLDEST = [4, 2] as const;

interface Found {
  version: string;
  build: Document;
  member: Document;
  database: Document | null;
  status: Document | null;
  rights: Right[];
  limits: Limit[];
}

/** State, version, latency, size, role of the member and rights of the user. A deployment that is away throws. */
export async function checkStore(handle: MongoHandle, signal: AbortSignal): Promise<Health> {
  const run = { signal, timeoutMs: Math.min(handle.options.timeoutMs, CHECK_MS) };
  await handle.run(run, async () => undefined);
  const begun = performance.now();
  await handle.command("admin", { ping: 1 }, run);
  const latencyMs = Math.round((performance.now() - begun) * 100) / 100;
  const found = await gather(handle, run);
  const { limits, database } = found;
  const totalBytes = numberIn(database, "fsTotalSize");
  const usedBytes = numberIn(database, "fsUsedSize");
  const freeBytes = totalBytes === null || usedBytes === null ? null : totalBytes - usedBytes;
  addLimits(found, handle, freeBytes, totalBytes);
  return {
    state: limits.some(({ severity }) => severity === "warning") ? "warning" : "healthy",
    version: found.version,
    latencyMs,
    sizeBytes: database
      ? (numberIn(database, "storageSize") ?? 0) + (numberIn(database, "indexSize") ?? 0)
      : null,
    freeBytes,
    rights: found.rights,
    limits,
    facts: factsOf(handle, found, totalBytes),
  };
}

async function gather(handle: MongoHandle, run: RunOptions): Promise<Found> {
  const limits: Limit[] = [];
  const build = await handle.command("admin", { buildInfo: 1 }, run);
  const member = await memberFacts(handle, run);
  const database = await asked(handle, handle.config.database, { dbStats: 1 }, run);
  if (database.lacking)
    limits.push({ key: "mongoNoDbStats", severity: "info", details: { reason: database.lacking } });
  const status = await asked(handle, "admin", { serverStatus: 1, repl: 0, metrics: 0, locks: 0 }, run);
  if (status.lacking)
    limits.push({ key: "mongoNoServerStatus", severity: "info", details: { reason: status.lacking } });
  const rights = await rightsOf(handle, limits, run);
  return {
    version: String(build.version ?? ""),
    build,
    member,
    database: database.document,
    status: status.document,
    rights,
    limits,
  };
}

/** `hello` is the newer name of `isMaster`; 4.2 knows the old one alone. */
async function memberFacts(handle: MongoHandle, run: RunOptions): Promise<Document> {
  const { document } = await asked(handle, "admin", { hello: 1 }, run);
  return document ?? handle.command("admin", { isMaster: 1 }, run);
}

const isWritable = (member: Document): boolean =>
  member.isWritablePrimary === true || member.ismaster === true;

function roleOf(member: Document): string {
  if (member.msg === "isdbgrid") return "mongos";
  if (!member.setName) return "standalone";
  if (isWritable(member)) return "primary";
  return member.secondary ? "secondary" : "other";
}

function addLimits(
  found: Found,
  handle: MongoHandle,
  freeBytes: number | null,
  totalBytes: number | null,
): void {
  const { limits, version, member } = found;
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const add = (key: string, severity: Limit["severity"], details: Limit["details"] = {}) =>
    limits.push({ key, severity, details });
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]))
    add("mongoOldVersion", "warning", { version });
  if (!isWritable(member) && member.msg !== "isdbgrid")
    add("mongoNotPrimary", handle.options.access === "write" ? "warning" : "info", {
      role: roleOf(member),
      primary: String(member.primary ?? "—"),
    });
  if (freeBytes !== null && totalBytes && freeBytes / totalBytes < LOW_SPACE_SHARE)
    add("mongoLowSpace", "warning", { freeBytes, totalBytes });
  if (handle.config.user === "") add("mongoNoUser", "info");
  for (const { name } of found.rights.filter(({ granted, costKey }) => !granted && costKey === "mongoFind"))
    add("mongoUnreadable", "warning", { right: name });
}

function factsOf(
  handle: MongoHandle,
  { member, status, build }: Found,
  totalBytes: number | null,
): Health["facts"] {
  const uptime = numberIn(status, "uptime");
  return {
    database: handle.config.database,
    user: handle.config.user || null,
    mongoRole: roleOf(member),
    replicaSet: member.setName ? String(member.setName) : null,
    mongoPrimary: member.primary ? String(member.primary) : null,
    mongoMembers: Array.isArray(member.hosts) ? member.hosts.length : null,
    mongoEngine: status?.storageEngine?.name ? String(status.storageEngine.name) : null,
    mongoModules: Array.isArray(build.modules) && build.modules.length > 0 ? build.modules.join(", ") : null,
    tls: handle.config.ssl !== "disable",
    startedAt: uptime === null ? null : new Date(Date.now() - uptime * 1_000).toISOString(),
    totalBytes,
  };
}

interface Wanted {
  action: string;
  costKey: string;
  role: string;
  on: "database" | "cluster";
}

const WANTED: readonly Wanted[] = [
  { action: "find", costKey: "mongoFind", role: "read", on: "database" },
  { action: "listCollections", costKey: "mongoListCollections", role: "read", on: "database" },
  { action: "collStats", costKey: "mongoCollStats", role: "read", on: "database" },
  { action: "insert", costKey: "mongoInsert", role: "readWrite", on: "database" },
  { action: "remove", costKey: "mongoRemove", role: "readWrite", on: "database" },
  { action: "indexStats", costKey: "mongoIndexStats", role: "clusterMonitor", on: "database" },
  { action: "compact", costKey: "mongoCompact", role: "dbAdmin", on: "database" },
  { action: "serverStatus", costKey: "mongoServerStatus", role: "clusterMonitor", on: "cluster" },
  { action: "replSetGetStatus", costKey: "mongoReplStatus", role: "clusterMonitor", on: "cluster" },
];

/** What the server says the user may do. Where nobody signs in everything is allowed. */
async function rightsOf(handle: MongoHandle, limits: Limit[], run: RunOptions): Promise<Right[]> {
  const { document, lacking } = await asked(
    handle,
    "admin",
    { connectionStatus: 1, showPrivileges: true },
    run,
  );
  if (lacking) limits.push({ key: "mongoRightsUnknown", severity: "info", details: { reason: lacking } });
  const info: Document = document?.authInfo ?? {};
  const signedIn = Array.isArray(info.authenticatedUsers) && info.authenticatedUsers.length > 0;
  if (!document || !signedIn) return [];
  const privileges: Document[] = info.authenticatedUserPrivileges ?? [];
  return WANTED.map((wanted) => rightOf(wanted, privileges, handle));
}

function rightOf(
  { action, costKey, role, on }: Wanted,
  privileges: readonly Document[],
  handle: MongoHandle,
): Right {
  const { database, user } = handle.config;
  const holds = ({ resource, actions }: Document): boolean => {
    if (!Array.isArray(actions) || !(actions.includes(action) || actions.includes("anyAction"))) return false;
    if (resource?.anyResource === true) return true;
    if (on === "cluster") return resource?.cluster === true;
    return (resource?.db === database || resource?.db === "") && resource?.collection === "";
  };
  const granted = privileges.some(holds);
  const roleDb = role === "clusterMonitor" ? "admin" : database;
  const grant = `db.getSiblingDB(${JSON.stringify(handle.config.authSource || "admin")}).grantRolesToUser(${JSON.stringify(user)}, [{ role: "${role}", db: ${JSON.stringify(roleDb)} }])`;
  return {
    name: on === "cluster" ? action : `${action} ${database}`,
    granted,
    costKey,
    grant: granted ? null : grant,
  };
}
