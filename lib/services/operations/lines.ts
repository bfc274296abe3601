import { authorize } from "@/lib/auth/authorize";
import { db } from "@/lib/control/database";
import { type LineDto, type ListLinesInput, listLinesSchema } from "@/lib/schemas/operation";
import type { Actor } from "@/lib/schemas/user";
import { findOperation } from "@/lib/services/operations/get";
import { parse } from "@/lib/services/parse";

/** Lines of an operation's log after `after`, oldest first; without `after` the newest `limit` ones. */
export async function listLines(actor: Actor, input: ListLinesInput): Promise<LineDto[]> {
  authorize(actor, "operation.read");
  const { operationId, after, limit } = parse(listLinesSchema, input);
  await findOperation(operationId);
  return loadLines(operationId, after ? BigInt(after) : null, limit);
}

export async function loadLines(
  operationId: string,
  after: bigint | null,
  limit: number,
): Promise<LineDto[]> {
  const rows = await db().operationLine.findMany({
    where: { operationId, ...(after === null ? {} : { id: { gt: after } }) },
    orderBy: { id: after === null ? "desc" : "asc" },
    take: limit,
  });
  if (after === null) rows.reverse();
  return rows.map((row) => ({
    lineId: row.id.toString(),
    at: row.at.toISOString(),
    level: row.level === "warn" || row.level === "error" ? row.level : "info",
    text: row.text,
  }));
}

/** The whole log as text, for a download: one line each, `time level text`. Reads in pages, never all at once. */
export async function* downloadLines(actor: Actor, input: { operationId: string }): AsyncIterable<string> {
  authorize(actor, "operation.read");
  await findOperation(input.operationId);
  let after = 0n;
  for (;;) {
    const lines = await loadLines(input.operationId, after, 2_000);
    const last = lines.at(-1);
    if (!last) return;
    yield lines.map((line) => `${line.at} ${line.level.padEnd(5)} ${line.text}\n`).join("");
    after = BigInt(last.lineId);
  }
}
