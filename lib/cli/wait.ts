import { print } from "@/lib/cli/print";
import { AppError } from "@/lib/errors";
import { formatBytes } from "@/lib/format/bytes";
import { formatCount } from "@/lib/format/count";
import { formatDurationRange } from "@/lib/format/duration";
import type { OperationDetailDto } from "@/lib/schemas/operation";
import type { Actor } from "@/lib/schemas/user";
import { watchOperation } from "@/lib/services/operations/watch";

/** Follows an operation to its end with a line of progress. Ctrl-C leaves it running. Throws unless it succeeded. */
export async function waitFor(actor: Actor, operationId: string, json: boolean): Promise<void> {
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort());
  let last: OperationDetailDto | null = null;
  for await (const event of watchOperation(
    actor,
    { operationId },
    { afterLine: null, signal: stop.signal },
  )) {
    if (event.type !== "snapshot") continue;
    last = event.operation;
    if (!json) progress(last);
  }
  if (!json && process.stderr.isTTY) process.stderr.write("\n");
  if (!last || stop.signal.aborted) {
    throw new AppError("cancelled", `No longer watching; operation ${operationId} goes on by itself.`);
  }
  const done = last;
  print(json, done, () => proofText(done));
  if (done.state !== "succeeded") throw failure(done);
}

function failure(operation: OperationDetailDto): AppError {
  const { error, state, title } = operation;
  if (state === "cancelled") return new AppError("cancelled", `${title} was cancelled.`);
  return new AppError(error?.code ?? "internal", error?.message ?? `${title} ended as ${state}.`);
}

function progress(operation: OperationDetailDto): void {
  const { doneRows, totalRows, bytesPerSec, etaMs, state, stepName, waitingFor, throttleReason } = operation;
  const parts = [
    `${Math.floor(operation.progress * 100)} %`.padStart(5),
    stepName ?? state,
    `${formatCount(doneRows)}${totalRows === null ? "" : ` of ${formatCount(totalRows)}`} rows`,
    bytesPerSec === null ? null : `${formatBytes(bytesPerSec)}/s`,
    etaMs && `${formatDurationRange(etaMs.min, etaMs.max)} left`,
    waitingFor ?? throttleReason,
  ].filter(Boolean);
  const line = parts.join(" · ");
  process.stderr.write(process.stderr.isTTY ? `\r\u001b[2K${line}` : `${line}\n`);
}

/** What the figures of a proof do not cover, in words. */
const NOTES: Record<string, string> = {
  alsoHot: "the store drops rows by age alone: until then these rows lie in segments and hot as well",
  lastBatchUncounted: "the last batch's answer was lost: one batch more may have been moved, whole",
  unsettled: "what was under way could not be brought to an end; the next run of this dataset ends it first",
};

function proofText({ title, state, proof, quarantineCount }: OperationDetailDto): string {
  const lines = [`${title}: ${state}`];
  for (const line of proof?.lines ?? []) {
    lines.push(
      `  ${line.name}: ${line.rows.source} = ${line.rows.target} rows, ${line.digest.source} ${line.equal ? "=" : "≠"} ${line.digest.target}`,
    );
  }
  for (const segment of proof?.segments ?? []) lines.push(`  ${segment.sha256}  ${segment.key}`);
  for (const fact of proof?.facts ?? [])
    lines.push(`  ${fact.key}: ${fact.before ? `${fact.before} → ` : ""}${fact.after}`);
  for (const kept of proof?.kept ?? [])
    lines.push(`  ${kept.name}: ${kept.rowCount} rows changed meanwhile and stay`);
  for (const { name, planned, rows } of proof?.left ?? [])
    lines.push(`  ${name}: ${rows ?? "not counted"} rows left hot, ${planned ?? "unknown"} planned`);
  for (const note of proof?.notes ?? []) lines.push(`  ${NOTES[note] ?? note}`);
  if (quarantineCount > 0) lines.push(`  ${quarantineCount} rows in quarantine`);
  return lines.join("\n");
}
