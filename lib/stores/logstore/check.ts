import { isAppError } from "@/lib/errors";
import type { LogHandle } from "@/lib/stores/logstore/client";
import { type LogShape, shapesOf } from "@/lib/stores/logstore/describe";
import { tableName } from "@/lib/stores/logstore/sql";
import type { Health, Limit, Right } from "@/lib/stores/store";

/** Logstores that are tried out, and how long each may take. */
const TRIED = 20;
const EACH_MS = 2_000;

type Answer = "rows" | "nothing" | "denied" | "unanswered";

/** Asks the service; logstores that answer no query are named, with what to do. Writes nothing. */
export async function checkStore(handle: LogHandle, signal: AbortSignal): Promise<Health> {
  await handle.query("SELECT 1 LIMIT 1", signal); // the first one pays for the connection
  const begun = performance.now();
  await handle.query("SELECT 1 LIMIT 1", signal);
  const latencyMs = performance.now() - begun;
  const shapes = await shapesOf(handle, signal);
  const answers = new Map<string, Answer>();
  for (const shape of shapes.slice(0, TRIED)) answers.set(shape.ref.name, await tried(handle, shape, signal));
  const named = (answer: Answer) => [...answers].filter(([, one]) => one === answer).map(([name]) => name);
  const limits = limitsOf(handle, shapes.length, named);
  const { config } = handle;
  return {
    state: limits.some(({ severity }) => severity === "warning") ? "warning" : "healthy",
    version: "SLS, PostgreSQL protocol",
    latencyMs,
    sizeBytes: null,
    freeBytes: null,
    rights: rightsOf(named("denied")),
    limits,
    facts: {
      project: config.project,
      logstores: shapes.length,
      tls: config.ssl !== "disable",
      port: config.port,
      ttlDays: config.ttlDays ?? null,
    },
  };
}

async function tried(handle: LogHandle, { ref }: LogShape, signal: AbortSignal): Promise<Answer> {
  try {
    const rows = await handle.query(`SELECT 1 FROM ${tableName(ref)} LIMIT 1`, signal, EACH_MS);
    return rows.length > 0 ? "rows" : "nothing";
  } catch (error) {
    signal.throwIfAborted();
    if (!isAppError(error) || error.code === "unreachable") throw error;
    return error.code === "forbidden" ? "denied" : "unanswered";
  }
}

function limitsOf(handle: LogHandle, logstores: number, named: (answer: Answer) => string[]): Limit[] {
  const limits: Limit[] = [];
  const add = (key: string, severity: Limit["severity"], details: Limit["details"] = {}) =>
    limits.push({ key, severity, details });
  const unanswered = named("unanswered");
  const empty = named("nothing");
  if (unanswered.length > 0) add("logScanIndexOff", "warning", { names: unanswered.join(", ") });
  if (empty.length > 0) add("logEmpty", "info", { names: empty.join(", ") });
  if (logstores > TRIED) add("logNotAllTried", "info", { tried: TRIED, count: logstores });
  if (handle.config.ssl === "disable") add("logNoTls", "warning");
  if (handle.config.ttlDays === undefined) add("logTtlUnknown", "info");
  add("logTextLimit", "info");
  return limits;
}

const rightsOf = (denied: readonly string[]): Right[] => [
  {
    name: "log:GetLogStoreLogs",
    granted: denied.length === 0,
    costKey: "logRead",
    grant: denied.length === 0 ? null : `RAM: AliyunLogReadOnlyAccess (${denied.join(", ")})`,
  },
];
