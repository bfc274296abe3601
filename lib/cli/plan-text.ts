import { table } from "@/lib/cli/print";
import { sentence } from "@/lib/cli/words";
import { formatBytes } from "@/lib/format/bytes";
import { formatCount } from "@/lib/format/count";
import { formatDurationRange } from "@/lib/format/duration";
import type { PlanDto } from "@/lib/schemas/plan";

/** A plan as a person reads it: a sentence, rows by month, statements, locks, what could go wrong, how to undo. */
export function planText({ body, kind, params, expiresAt }: PlanDto): string {
  const parts = [leadOf(kind, params, body)];
  if (body.estimate) {
    const { minMs, maxMs, bytesPerSec } = body.estimate;
    parts.push(
      `About ${formatDurationRange(minMs, maxMs)} at ${formatBytes(bytesPerSec)}/s${body.estimate.measured ? "" : " (not measured yet)"}.`,
    );
  }
  const months = body.members.flatMap((member) =>
    member.months.map((month) => [
      member.name,
      month.late ? `${month.month} (late)` : month.month,
      formatCount(month.rowCount),
      formatBytes(month.sizeBytes),
    ]),
  );
  if (months.length > 0) parts.push(table(["table", "month", "rows", "bytes"], months));
  parts.push(section("Statements", body.statements));
  parts.push(
    section(
      "Locks",
      body.locks.map((lock) => sentence(`plan.${lock.key}`, lock.details)),
    ),
  );
  parts.push(
    section(
      "Risks",
      body.risks.flatMap((risk) => [
        `${risk.severity}: ${sentence(`plan.${risk.key}`, risk.details)}`,
        ...(risk.fix ?? []),
      ]),
    ),
  );
  parts.push(
    section(
      "Conflicts",
      body.conflicts.slice(0, 20).map((one) => `${one.key.join(", ")}: ${one.reason}`),
    ),
  );
  parts.push(`Undo: ${sentence(`plan.${body.undo.key}`, body.undo.details)}`);
  parts.push(`Valid until ${expiresAt}.`);
  return parts.filter(Boolean).join("\n\n");
}

function leadOf(kind: string, params: unknown, body: PlanDto["body"]): string {
  const tier = kind === "archive" ? Object(Object(params).target).tier : Object(params).from;
  const name = kind === "archive" || kind === "restore" ? `${kind}_${tier}` : kind;
  return sentence(`planPage.lead.${name}`, {
    rows: `${body.exact ? "" : "~"}${formatCount(body.rowCount)}`,
    bytes: formatBytes(body.sizeBytes),
    cutoff: body.cutoffAt ?? "",
    dataset: body.datasetName,
    target: body.targetName ?? "",
    action: String(Object(Object(params).action).kind ?? ""),
  });
}

const section = (title: string, lines: readonly string[]): string =>
  lines.length === 0 ? "" : [`${title}:`, ...lines.map((line) => `  ${line}`)].join("\n");
