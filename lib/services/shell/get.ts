import { authorize } from "@/lib/auth/authorize";
import { pool } from "@/lib/control/database";
import { env } from "@/lib/env";
import type { ShellDto } from "@/lib/schemas/shell";
import type { Actor } from "@/lib/schemas/user";
import { VERSION } from "@/lib/services/settings/version";

interface Counts {
  stores: string;
  datasets: string;
  running: string;
  failed: string;
  workers: string;
  email: string | null;
}

/** What the frame around every page shows: one query, so that it can be asked every few seconds. */
export async function getShell(actor: Actor): Promise<ShellDto> {
  authorize(actor, "overview.read");
  const started = performance.now();
  const { rows } = await pool().query<Counts>(
    `SELECT (SELECT count(*) FROM "Store") AS stores, (SELECT count(*) FROM "Dataset") AS datasets,
      (SELECT count(*) FROM "Operation" WHERE state IN ('queued', 'running', 'paused', 'waiting')) AS running,
      (SELECT count(*) FROM "Operation" WHERE state IN ('failed', 'partial') AND "seenAt" IS NULL) AS failed,
      (SELECT count(*) FROM "WorkerNode" WHERE "seenAt" > now() - interval '30 seconds') AS workers,
      (SELECT email FROM "User" WHERE id = $1) AS email`,
    [actor.userId],
  );
  const row = rows[0];
  return {
    user: { userId: actor.userId ?? "", name: actor.name, email: row?.email ?? "", role: actor.role },
    counts: {
      stores: Number(row?.stores ?? 0),
      datasets: Number(row?.datasets ?? 0),
      running: Number(row?.running ?? 0),
      failedUnseen: Number(row?.failed ?? 0),
    },
    workers: Number(row?.workers ?? 0),
    controlLatencyMs: performance.now() - started,
    demo: env().STRATA_DEMO === "1",
    version: VERSION,
  };
}
