import type { PoolClient } from "pg";
import { pool } from "@/lib/control/database";
import type { ErrorDto } from "@/lib/errors";
import {
  type OperationState,
  type Proof,
  type StepState,
  type Throttle,
  throttleSchema,
  type Wanted,
} from "@/lib/schemas/operation";

/** A worker that is silent for this long has lost its operations; another takes them over. */
export const LEASE_MS = 10_000;
export const RENEW_MS = 1_000;

/** Somebody else owns the operation now: whoever sees this stops without any further effect. */
export class LeaseLost extends Error {
  constructor(operationId: string) {
    super(`The lease on operation ${operationId} is lost`);
    this.name = "LeaseLost";
  }
}

export interface Lease {
  operationId: string;
  owner: string;
  fence: number;
}

/** What was asked of an operation, read with every renewal. */
export interface Orders {
  wanted: Wanted;
  throttle: Throttle;
}

export interface TakenOperation extends Orders {
  lease: Lease;
  planId: string;
  kind: string;
  title: string;
  datasetId: string | null;
  storeId: string;
  params: unknown;
  step: number;
  steps: StepState[];
  cursor: Record<string, unknown> | null;
  doneRows: bigint;
  doneBytes: bigint;
  totalRows: bigint | null;
  totalBytes: bigint | null;
  attempts: number;
}

const TAKEN = `"planId", kind, title, "datasetId", "storeId", params, step, steps, cursor, "doneRows", "doneBytes",
  "totalRows", "totalBytes", attempts, wanted, throttle, fence`;

const TAKE = `
  UPDATE "Operation" SET state = 'running', "leaseOwner" = $2, "leaseUntil" = now() + $3 * interval '1 ms',
    fence = fence + 1, attempts = attempts + 1, "startedAt" = coalesce("startedAt", now()), "heartbeatAt" = now(),
    "waitingFor" = NULL, "throttleReason" = NULL
  WHERE id = $1 AND state IN ('queued', 'waiting', 'running') AND ("leaseUntil" IS NULL OR "leaseUntil" <= now())
  RETURNING ${TAKEN}`;

const BUSY = `
  SELECT title FROM "Operation"
  WHERE "storeId" = $2 AND id <> $1 AND state = 'running' AND kind <> 'count' LIMIT 1`;

/**
 * Takes an operation that nobody holds. Null when it has ended, is paused, is held, or its store is busy with another
 * one: then it stays queued and says for what. By the database's clock. Counts run beside anything.
 */
export async function takeLease(operationId: string, owner: string): Promise<TakenOperation | null> {
  return inTransaction(async (client) => {
    const found = await client.query<{ storeId: string; kind: string; wanted: string }>(
      'SELECT "storeId", kind, wanted FROM "Operation" WHERE id = $1',
      [operationId],
    );
    const operation = found.rows[0];
    if (!operation) return null;
    await lockName(client, `store:${operation.storeId}`);
    // A cancelled one only tidies up: it need not wait for its turn.
    const serial = operation.kind !== "count" && operation.wanted !== "cancel";
    if (serial && (await waitsForStore(client, operationId, operation.storeId))) return null;
    const taken = await client.query(TAKE, [operationId, owner, LEASE_MS]);
    const row = taken.rows[0];
    return row ? asTaken(row, operationId, owner) : null;
  });
}

async function waitsForStore(client: PoolClient, operationId: string, storeId: string): Promise<boolean> {
  const busy = await client.query<{ title: string }>(BUSY, [operationId, storeId]);
  const other = busy.rows[0];
  if (!other) return false;
  await client.query(`UPDATE "Operation" SET "waitingFor" = $2 WHERE id = $1 AND state = 'queued'`, [
    operationId,
    `storeBusy ${other.title}`,
  ]);
  return true;
}

function asTaken(row: Record<string, unknown>, operationId: string, owner: string): TakenOperation {
  const big = (name: string) => (row[name] === null ? null : BigInt(String(row[name])));
  return {
    ...(row as unknown as TakenOperation),
    throttle: throttleSchema.parse(row.throttle),
    lease: { operationId, owner, fence: Number(row.fence) },
    doneRows: big("doneRows") ?? 0n,
    doneBytes: big("doneBytes") ?? 0n,
    totalRows: big("totalRows"),
    totalBytes: big("totalBytes"),
  };
}

/** Holds the operation for another while and reads what is asked of it. Throws LeaseLost. */
export async function renewLease(lease: Lease, throttleReason: string | null): Promise<Orders> {
  const result = await pool().query<Orders>(
    `UPDATE "Operation" SET "leaseUntil" = now() + $4 * interval '1 ms', "heartbeatAt" = now(), "throttleReason" = $5
     WHERE id = $1 AND "leaseOwner" = $2 AND fence = $3 RETURNING wanted, throttle`,
    [lease.operationId, lease.owner, lease.fence, LEASE_MS, throttleReason],
  );
  return asOrders(first(result.rows, lease));
}

/** What an older version stored may lack a setting: it gets its default. */
const asOrders = ({ wanted, throttle }: Orders): Orders => ({
  wanted,
  throttle: throttleSchema.parse(throttle),
});

export interface Progress {
  step: number;
  stepName: string;
  steps: StepState[];
  cursor: Record<string, unknown>;
  doneRows: bigint;
  doneBytes: bigint;
  /** 0..1; kept below 1 and never lowered. */
  progress: number;
}

/** One UPDATE: cursor, step, figures, heartbeat and lease stand or fall together. Throws LeaseLost. */
export async function saveCheckpoint(lease: Lease, at: Progress): Promise<Orders> {
  const result = await pool().query<Orders>(
    `UPDATE "Operation" SET cursor = $4, step = $5, "stepName" = $6, steps = $7,
       "doneRows" = greatest("doneRows", $8), "doneBytes" = greatest("doneBytes", $9),
       progress = greatest(progress, least($10::float8, 0.999)),
       "heartbeatAt" = now(), "leaseUntil" = now() + $11 * interval '1 ms'
     WHERE id = $1 AND "leaseOwner" = $2 AND fence = $3 RETURNING wanted, throttle`,
    [
      lease.operationId,
      lease.owner,
      lease.fence,
      JSON.stringify(at.cursor),
      at.step,
      at.stepName,
      JSON.stringify(at.steps),
      at.doneRows.toString(),
      at.doneBytes.toString(),
      at.progress,
      LEASE_MS,
    ],
  );
  return asOrders(first(result.rows, lease));
}

export interface Release {
  state: OperationState;
  error?: ErrorDto | null;
  proof?: Proof | null;
  waitingFor?: string | null;
  /** Not to be taken again before so long. */
  holdOffMs?: number;
  steps?: StepState[];
}

const ENDED = ["succeeded", "partial", "failed", "cancelled"];

/** Lets go of the operation in a new state; an outcome is written to the audit log in the same transaction. */
export async function releaseLease(lease: Lease, to: Release): Promise<void> {
  const ended = ENDED.includes(to.state);
  await inTransaction(async (client) => {
    const result = await client.query<ReleasedRow>(
      `UPDATE "Operation" SET state = CASE WHEN $4 = 'paused' AND wanted = 'run' THEN 'queued' ELSE $4 END, error = $5::jsonb, proof = coalesce($6::jsonb, proof), "waitingFor" = $7,
         "leaseOwner" = NULL, "leaseUntil" = now() + $8 * interval '1 ms', "heartbeatAt" = now(),
         "throttleReason" = NULL, steps = coalesce($9::jsonb, steps),
         "endedAt" = CASE WHEN $10 THEN now() END,
         progress = CASE WHEN $4 IN ('succeeded', 'partial') THEN 1 ELSE progress END
       WHERE id = $1 AND "leaseOwner" = $2 AND fence = $3
       RETURNING kind, title, "createdByName", "createdById", reason`,
      [
        lease.operationId,
        lease.owner,
        lease.fence,
        to.state,
        to.error ? JSON.stringify(to.error) : null,
        to.proof ? JSON.stringify(to.proof) : null,
        to.waitingFor ?? null,
        to.holdOffMs ?? 0,
        to.steps ? JSON.stringify(to.steps) : null,
        ended,
      ],
    );
    const row = first(result.rows, lease);
    if (ended) await auditOutcome(client, lease.operationId, row, to);
  });
}

interface ReleasedRow {
  kind: string;
  title: string;
  createdByName: string;
  createdById: string;
  reason: string;
}

async function auditOutcome(
  client: PoolClient,
  operationId: string,
  row: ReleasedRow,
  to: Release,
): Promise<void> {
  await client.query(
    `INSERT INTO "AuditEntry" ("actorId", "actorName", action, subject, "subjectId", details, outcome)
     VALUES ($1, $2, 'operation.end', $3, $4, $5, $6)`,
    [
      row.createdById,
      row.createdByName,
      row.title,
      operationId,
      JSON.stringify({ kind: row.kind, state: to.state, error: to.error?.message ?? null }),
      to.state === "failed" ? "failed" : "done",
    ],
  );
}

function first<Row>(rows: readonly Row[], lease: Lease): Row {
  const row = rows[0];
  if (!row) throw new LeaseLost(lease.operationId);
  return row;
}

/** Serialises what must not happen twice at once, until the transaction ends. */
export async function lockName(client: PoolClient, name: string): Promise<void> {
  await client.query("SELECT pg_advisory_xact_lock(hashtextextended($1, 5163))", [`strata:${name}`]);
}

export async function inTransaction<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool().connect();
  try {
    await client.query("BEGIN");
    const result = await work(client);
    await client.query("COMMIT");
    client.release();
    return result;
  } catch (error) {
    await client.query("ROLLBACK").then(
      () => client.release(),
      () => client.release(true),
    );
    throw error;
  }
}
