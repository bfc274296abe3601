/** Prints JSON for programs, or text for people. */
export function print(json: boolean, value: unknown, text: () => string): void {
  process.stdout.write(json ? `${JSON.stringify(value, null, 2)}\n` : `${text().trimEnd()}\n`);
}

/** Columns as wide as their longest cell; figures (cells that begin with a digit or ~) stand to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, index) =>
    Math.max(width(title), ...rows.map((row) => width(row[index] ?? ""))),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, index) => {
        const space = " ".repeat(Math.max(0, (widths[index] ?? 0) - width(cell)));
        return /^[~\d+-][\d.,]*( [A-Za-z%]+)?$/.test(cell) ? space + cell : cell + space;
      })
      .join("  ")
      .trimEnd();
  return [line(head), line(widths.map((size) => "─".repeat(size))), ...rows.map(line)].join("\n");
}

/** Chinese characters take two columns of a terminal. */
const width = (text: string): number =>
  [...text].reduce(
    (sum, char) =>
      sum +
      (/[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]/.test(
        char,
      )
        ? 2
        : 1),
    0,
  );

/** Untrusted text on one line of a terminal: control characters could move its cursor or change its title. */
export const plain = (text: string): string => text.replace(/[\p{Cc}\p{Cf}]+/gu, " ").trim();
