/** A date at the end of an index's name: what makes indices of one series. */
export interface SeriesName {
  /** The date replaced by its pattern: `dify-workflow-runs-t1-{YYYY.MM}`. */
  series: string;
  fromMs: number;
  untilMs: number;
}

const DATED = /^(.*[^0-9.])(\d{4})([.\-_]?)(\d\d)(?:\3(\d\d))?$/;
const PATTERN = /^(.+)\{YYYY([.\-_]?)MM((?:\2)DD)?\}$/;

/** The series that an index belongs to by its name; null for a name without a date of a day or month at its end. */
export function seriesOf(index: string): SeriesName | null {
  const match = DATED.exec(index);
  if (!match) return null;
  const [, prefix = "", year = "", separator = "", month = "", day] = match;
  const [y, m, d] = [Number(year), Number(month), Number(day ?? "1")];
  if (y < 1970 || y > 2200 || m < 1 || m > 12 || d < 1 || d > 31) return null;
  const fromMs = Date.UTC(y, m - 1, d);
  if (new Date(fromMs).getUTCMonth() !== m - 1) return null;
  const untilMs = day === undefined ? Date.UTC(y, m, 1) : fromMs + 86_400_000;
  const token = `{YYYY${separator}MM${day === undefined ? "" : `${separator}DD`}}`;
  return { series: prefix + token, fromMs, untilMs };
}

/** What comes before the date in every index of a series; null when the name is none of a series. */
export const seriesPrefix = (series: string): string | null => PATTERN.exec(series)?.[1] ?? null;
