import { availableParallelism } from "node:os";
import type { DuckDBConnection } from "@duckdb/node-api";
import { AppError } from "@/lib/errors";
import { CANONICAL_MACROS } from "@/lib/segments/canonical";
import { openSandbox, type Sandbox } from "@/lib/segments/duckdb";

/** Pages of segments lie in DuckDB's memory, not in JavaScript's: this bounds all searches of a process together. */
const MEMORY_MB = 384;
const IDLE_MS = 60_000;
export const LANES = Math.max(2, Math.min(8, availableParallelism()));

interface Pooled {
  sandbox: Promise<Sandbox>;
  free: DuckDBConnection[];
  users: number;
  usedAt: number;
}

const pools = new Map<string, Pooled>();

/** A sandbox over one folder stays open between searches: opening it costs more than most of them. */
function poolOf(folder: string): Pooled {
  const known = pools.get(folder);
  if (known) return known;
  const sandbox = openSandbox({ folders: [folder], memoryMb: MEMORY_MB, threads: LANES });
  const pooled: Pooled = { sandbox, free: [], users: 0, usedAt: Date.now() };
  pools.set(folder, pooled);
  sandbox.catch(() => pools.delete(folder));
  return pooled;
}

/** Rows of a query as text, read in a sandbox over `folder`. An aborted signal interrupts it: `cancelled`. */
export async function queryTexts(
  folder: string,
  sql: string,
  signal: AbortSignal,
): Promise<(string | null)[][]> {
  signal.throwIfAborted();
  const pooled = poolOf(folder);
  pooled.users += 1;
  try {
    const connection = pooled.free.pop() ?? (await connect(await pooled.sandbox));
    const interrupt = () => connection.interrupt();
    signal.addEventListener("abort", interrupt, { once: true });
    try {
      const rows = (await connection.runAndReadAll(sql)).getRows();
      pooled.free.push(connection);
      return rows as (string | null)[][];
    } catch (error) {
      connection.closeSync();
      if (signal.aborted) throw new AppError("cancelled", "The search was cancelled.", { cause: error });
      throw error;
    } finally {
      signal.removeEventListener("abort", interrupt);
    }
  } finally {
    pooled.users -= 1;
    pooled.usedAt = Date.now();
    closeIdle();
  }
}

async function connect(sandbox: Sandbox): Promise<DuckDBConnection> {
  const connection = await sandbox.connect();
  await connection.run(CANONICAL_MACROS);
  return connection;
}

let timer: NodeJS.Timeout | undefined;

function closeIdle(): void {
  if (timer) return;
  timer = setTimeout(() => {
    timer = undefined;
    for (const [folder, pooled] of pools) {
      if (pooled.users > 0 || Date.now() - pooled.usedAt < IDLE_MS) continue;
      pools.delete(folder);
      void close(pooled);
    }
    if (pools.size > 0) closeIdle();
  }, IDLE_MS).unref();
}

async function close(pooled: Pooled): Promise<void> {
  for (const connection of pooled.free) connection.closeSync();
  (await pooled.sandbox).close();
}

/** Closes every sandbox that no search is using. */
export async function closeSandboxes(): Promise<void> {
  const open = [...pools.values()];
  pools.clear();
  await Promise.allSettled(open.map(close));
}
