/**
 * A double as PostgreSQL prints it: the shortest digits that lie strictly between its neighbours, with an
 * exponent below 1e-4 and from 1e15 on.
 */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "Infinity" : "-Infinity";
  if (Object.is(value, -0)) return "-0";
  const [mantissa = "0", power = "0"] = strictDigits(value).split("e");
  const exponent = Number(power);
  if (exponent >= -4 && exponent < 15) return plainText(mantissa, exponent);
  const sign = exponent < 0 ? "-" : "+";
  return `${mantissa}e${sign}${String(Math.abs(exponent)).padStart(2, "0")}`;
}

/**
 * Whether PostgreSQL prints more digits than everyone else. JavaScript and DuckDB also take a decimal that
 * lies exactly half-way to the next double, where it rounds to this one; PostgreSQL does not. That happens only
 * to large whole numbers.
 */
export const isOddFloat = (value: number): boolean =>
  Math.abs(value) >= MIN_ODD && Math.abs(value) < MAX_ODD && isHalfWay(value, value.toExponential());

/** Half-way decimals of at most 17 digits need a step of at least a sixteenth, and 5^k within 54 bits. */
const MIN_ODD = 2 ** 48;
const MAX_ODD = 1e41;
/** Makes every number compared below whole: steps of 1/16, halved, and up to three decimals. */
const BINARY_SCALE = 256;
const DECIMAL_SCALE = 3;

function strictDigits(value: number): string {
  const shortest = value.toExponential();
  if (!isOddFloat(value)) return shortest;
  for (let digits = shortest.replace(/e.*|[-.]/g, "").length; digits < 17; digits++) {
    const longer = value.toExponential(digits); // digits after the point, so one more than before
    if (Number(longer) === value && !isHalfWay(value, longer)) return longer.replace(/\.?0+e/, "e");
  }
  return value.toExponential(16);
}

function isHalfWay(value: number, decimal: string): boolean {
  const [mantissa = "0", power = "0"] = decimal.replace("-", "").split("e");
  const digits = mantissa.replace(".", "");
  const tens = Number(power) - (digits.length - 1) + DECIMAL_SCALE;
  if (tens < 0) return false;
  const twice = 2n * BigInt(digits) * 10n ** BigInt(tens) * BigInt(BINARY_SCALE);
  const here = scaled(Math.abs(value));
  return (
    twice === here + scaled(neighbour(Math.abs(value), 1n)) ||
    twice === here + scaled(neighbour(Math.abs(value), -1n))
  );
}

const scaled = (value: number): bigint => BigInt(value * BINARY_SCALE) * 10n ** BigInt(DECIMAL_SCALE);

function neighbour(value: number, step: bigint): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  view.setBigInt64(0, view.getBigInt64(0) + step);
  return view.getFloat64(0);
}

function plainText(mantissa: string, exponent: number): string {
  const sign = mantissa.startsWith("-") ? "-" : "";
  const digits = mantissa.replace(/[-.]/g, "");
  if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  const rest = digits.slice(exponent + 1);
  return sign + whole + (rest === "" ? "" : `.${rest}`);
}
