/** Numbers of this size count seconds, milliseconds or microseconds since 1970, for any year a log may be from. */
const UNITS: readonly [below: number, msPerUnit: number][] = [
  [1e11, 1000],
  [1e14, 1],
  [1e17, 0.001],
];

const TIMESTAMP = /^(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2}:\d{2})(\.\d+)?(Z|[+-]\d{2}(?::?\d{2})?)?)?$/;

/** The instant that a time column's text stands for, as ISO text; null where it is none (`infinity`, a year BC). */
export function recordTime(text: string | null): string | null {
  if (text === null) return null;
  if (/^\d{1,17}$/.test(text)) {
    const count = Number(text);
    const unit = UNITS.find(([below]) => count < below);
    return unit ? new Date(count * unit[1]).toISOString() : null;
  }
  const parts = TIMESTAMP.exec(text);
  if (!parts) return null;
  const [, day, clock = "00:00:00", fraction = "", zone = "Z"] = parts;
  const offset = /^[+-]\d{2}$/.test(zone) ? `${zone}:00` : zone;
  const ms = Date.parse(`${day}T${clock}${fraction.slice(0, 4)}${offset}`);
  return Number.isNaN(ms) ? null : new Date(ms).toISOString();
}
