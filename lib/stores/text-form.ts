import type { Physical, Value, Vector } from "@/lib/stores/batch";
import { floatText } from "@/lib/stores/float-text";

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const DAY_US = 86_400_000_000n;

/** The text form of a value as PostgreSQL's cast to text gives it; null for NULL. From year 1 on. */
export function textForm(physical: Physical, value: Value): string | null {
  if (value === null) return null;
  switch (physical) {
    case "text":
      return decoder.decode(value as Uint8Array);
    case "bytes":
      return `\\x${Buffer.from(value as Uint8Array).toString("hex")}`;
    case "float64":
      return floatText(Number(value));
    case "timestamp":
      return timestampText(value as bigint);
    case "timestamptz":
      return `${timestampText(value as bigint)}+00`;
    case "date":
      return timestampText((value as bigint) * DAY_US).slice(0, -" 00:00:00".length);
    case "int64":
    case "bool":
      return String(value);
  }
}

/** Text form of a row's value in a vector, exact texts included. */
export const vectorText = (vector: Vector, row: number): string | null =>
  vector.exact.get(row) ?? textForm(vector.physical, vector.values[row] ?? null);

/** JavaScript's dates end in the year 275760, PostgreSQL's later; the calendar repeats every 400 years. */
const CYCLE_US = 146_097n * DAY_US;

function timestampText(us: bigint): string {
  const fraction = ((us % 1_000_000n) + 1_000_000n) % 1_000_000n;
  const cycles = us > CYCLE_US ? us / CYCLE_US : 0n;
  const within = new Date(Number((us - fraction - cycles * CYCLE_US) / 1000n));
  const year = within.getUTCFullYear() + Number(cycles) * 400;
  const rest = within.toISOString().slice(-20, -5).replace("T", " ");
  const seconds = `${String(year).padStart(4, "0")}${rest}`;
  if (fraction === 0n) return seconds;
  return `${seconds}.${fraction.toString().padStart(6, "0").replace(/0+$/, "")}`;
}
