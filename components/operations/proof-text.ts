import type { Proof } from "@/lib/schemas/operation";

/** A proof as plain text, to keep in a ticket. English in every language, so that it can be compared. */
export function proofText(title: string, proof: Proof): string {
  const extent = proof.ending ? `${proof.ending}: covers what was done until then` : extentOf(proof);
  const lines = [`Proof: ${title}`, `Made ${proof.madeAt}, ${extent}`];
  for (const line of proof.lines) {
    lines.push(`${line.name}: ${line.equal ? "equal" : "DIFFERENT"}`);
    lines.push(`  source ${line.rows.source} rows, digest ${line.digest.source}`);
    lines.push(`  target ${line.rows.target} rows, digest ${line.digest.target}`);
  }
  for (const kept of proof.kept)
    lines.push(`${kept.name}: ${kept.rowCount} rows changed during the run and stayed`);
  for (const fact of proof.facts)
    lines.push(`${fact.key}: ${fact.before === undefined ? "" : `${fact.before} -> `}${fact.after}`);
  for (const segment of proof.segments)
    lines.push(`${segment.key} ${segment.rowCount} rows ${segment.sizeBytes} B sha256 ${segment.sha256}`);
  for (const { name, planned, rows, digest } of proof.left ?? []) {
    const counted = rows === null ? "not counted" : `${rows} rows, digest ${digest ?? "not taken"}`;
    lines.push(`${name}: left where it was ${counted} (planned ${planned ?? "unknown"})`);
  }
  for (const note of proof.notes ?? []) lines.push(`note: ${note}`);
  return lines.join("\n");
}

const extentOf = ({ complete }: Proof): string => (complete ? "complete" : "incomplete");
