import { PrismaPg } from "@prisma/adapter-pg";
import { Pool } from "pg";
import { controlUrl } from "@/lib/control/address";
import { Prisma, PrismaClient } from "@/lib/control/prisma/client/client";
import { AppError } from "@/lib/errors";
import { log } from "@/lib/log";

export { controlUrl };

/** Prisma inside or outside a transaction: what a function takes that can join its caller's transaction. */
export type Db = PrismaClient | Prisma.TransactionClient;

export interface PoolLimits {
  /** Connections at most. */
  max: number;
  /** A statement that runs longer is cancelled by the server. */
  statementTimeoutMs: number;
}

/** Web pages ask short questions; the worker holds few connections for longer. Together far below max_connections. */
const WEB: PoolLimits = { max: 10, statementTimeoutMs: 15_000 };
const WORKER: PoolLimits = { max: 6, statementTimeoutMs: 60_000 };

interface Shared {
  limits: PoolLimits;
  pool?: Pool;
  prisma?: PrismaClient;
}

// Next reloads modules in development; one pool per process must survive that.
const holder = globalThis as typeof globalThis & { strataControl?: Shared };
holder.strataControl ??= { limits: WEB };
const shared: Shared = holder.strataControl;

/** Call first thing in a worker or a command line: its pool is smaller and its statements may take longer. */
export function useWorkerPool(): void {
  if (shared.pool) throw new Error("useWorkerPool() must come before the first query");
  shared.limits = WORKER;
}

/** The raw pool of the control DB, for SQL that Prisma cannot say. Connects on first use. */
export function pool(): Pool {
  if (shared.pool) return shared.pool;
  const made = new Pool({
    connectionString: controlUrl(),
    max: shared.limits.max,
    idleTimeoutMillis: 30_000,
    connectionTimeoutMillis: 5_000,
    statement_timeout: shared.limits.statementTimeoutMs,
    idle_in_transaction_session_timeout: 60_000,
    application_name: "strata",
    keepAlive: true,
  });
  // Without a listener an idle connection that breaks would end the process.
  made.on("error", (error) => log("control").warn({ err: error.message }, "an idle connection broke"));
  shared.pool = made;
  return made;
}

/** Prisma on the same pool. Failures to connect surface as AppError `unreachable`. */
export function db(): PrismaClient {
  shared.prisma ??= makePrisma(pool());
  return shared.prisma;
}

/** Closes pool and client; the next call of db() or pool() opens new ones, from the URL of that moment. */
export async function closeDatabase(): Promise<void> {
  const { prisma, pool: open } = shared;
  shared.prisma = undefined;
  shared.pool = undefined;
  await prisma?.$disconnect();
  await open?.end();
}

function makePrisma(on: Pool): PrismaClient {
  const adapter = new PrismaPg(on);
  const client = new PrismaClient({ adapter, log: [] });
  const extended = client.$extends({
    query: {
      async $allOperations({ args, query }) {
        try {
          return await query(args);
        } catch (error) {
          throw asControlError(error);
        }
      },
    },
  });
  // The extension only maps errors: the surface stays exactly PrismaClient's.
  return extended as unknown as PrismaClient;
}

/** P1xxx are Prisma's connection errors; the others are errnos and SQLSTATE classes 08, 53 and 57P. */
const CONNECTION_CODE =
  /^(P1\d{3}|P2024|ECONNREFUSED|ECONNRESET|ENOTFOUND|EPIPE|ETIMEDOUT|08\d{3}|53300|57P0[123])$/;

/** Maps a lost or refused connection to the control DB to `unreachable`; every other error comes back as it is. */
export function asControlError(error: unknown): unknown {
  if (error instanceof AppError || !isConnectionError(error)) return error;
  return new AppError(
    "unreachable",
    "Strata's own database does not answer. Your stores are not touched; nothing was changed. Look at the terminal where Strata runs.",
    { key: "controlUnreachable", cause: error },
  );
}

/** Whether an error says that the control DB does not answer, rather than that it refuses. */
export const isControlAway = (error: unknown): boolean => {
  const told = asControlError(error);
  return told instanceof AppError && told.key === "controlUnreachable";
};

function isConnectionError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof Prisma.PrismaClientInitializationError) return true;
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  if (CONNECTION_CODE.test(code)) return true;
  // node-pg's own pool timeout and "connection terminated" carry no code.
  return (
    code === "" && /^(timeout exceeded when trying to connect|Connection terminated)/.test(error.message)
  );
}
