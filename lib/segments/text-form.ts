import type { Physical, Value, Vector } from "@/lib/stores/batch";

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const DAY_US = 86_400_000_000n;

/** The text form of a value as PostgreSQL's cast to text gives it; null for NULL. Years 1 to 9999 only. */
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
      return timestampText((value as bigint) * DAY_US).slice(0, 10);
    case "int64":
    case "bool":
      return String(value);
  }
}

/** Text form of a row's value in a vector, exact texts included. */
export const vectorText = (vector: Vector, row: number): string | null =>
  vector.exact.get(row) ?? textForm(vector.physical, vector.values[row] ?? null);

function timestampText(us: bigint): string {
  const fraction = ((us % 1_000_000n) + 1_000_000n) % 1_000_000n;
  const seconds = new Date(Number((us - fraction) / 1000n)).toISOString().slice(0, 19).replace("T", " ");
  if (fraction === 0n) return seconds;
  return `${seconds}.${fraction.toString().padStart(6, "0").replace(/0+$/, "")}`;
}

/** JavaScript finds the same shortest digits as PostgreSQL; only where the exponent begins differs. */
function floatText(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "Infinity" : "-Infinity";
  if (Object.is(value, -0)) return "-0";
  const [mantissa = "0", power = "0"] = value.toExponential().split("e");
  const exponent = Number(power);
  if (exponent >= -4 && exponent < 15) return plainText(mantissa, exponent);
  const sign = exponent < 0 ? "-" : "+";
  return `${mantissa}e${sign}${String(Math.abs(exponent)).padStart(2, "0")}`;
}

function plainText(mantissa: string, exponent: number): string {
  const sign = mantissa.startsWith("-") ? "-" : "";
  const digits = mantissa.replace(/[-.]/g, "");
  if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  const rest = digits.slice(exponent + 1);
  return sign + whole + (rest === "" ? "" : `.${rest}`);
}
