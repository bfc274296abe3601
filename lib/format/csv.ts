/** Begins like a formula for a spreadsheet program. */
const FORMULA = /^[=+\-@\t\r\n]/;
/** A plain number keeps its sign: guarding it would turn it into text. */
const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/;

/** One cell of a CSV file (RFC 4180), harmless when a spreadsheet opens it. Null is an empty cell. */
export function csvCell(value: string | null): string {
  if (value === null) return "";
  const guarded = FORMULA.test(value) && !NUMBER.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(guarded) || guarded !== value ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}

export const csvLine = (cells: readonly (string | null)[]): string => `${cells.map(csvCell).join(",")}\r\n`;
