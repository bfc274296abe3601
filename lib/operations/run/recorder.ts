import { pool } from "@/lib/control/database";
import { log } from "@/lib/log";

export type LineLevel = "info" | "warn" | "error";

const FLUSH_MS = 500;
const RATE_MS = 1_000;
/** Points kept per operation; beyond it every second one is dropped and the step between them doubles. */
const MAX_RATES = 2_000;
const LINE_CHARS = 4_000;

/**
 * Log lines and rates of one operation, written behind its back every half second. Losing the last of them in a
 * crash is harmless; a control DB that is away for a while only delays them.
 */
export class Recorder {
  private lines: { at: Date; level: LineLevel; text: string }[] = [];
  private readonly timer: NodeJS.Timeout;
  private writing: Promise<void> = Promise.resolve();
  private last: { at: number; rows: bigint; bytes: bigint } | null = null;
  private stepMs = RATE_MS;
  private rateCount = 0;

  constructor(private readonly operationId: string) {
    this.timer = setInterval(() => void this.flush(), FLUSH_MS);
    this.timer.unref();
  }

  line(text: string, level: LineLevel = "info"): void {
    this.lines.push({ at: new Date(), level, text: text.slice(0, LINE_CHARS) });
  }

  /** Called with the figures of each checkpoint; keeps at most one rate a second, fewer in long runs. */
  figures(doneRows: bigint, doneBytes: bigint): void {
    const at = Date.now();
    if (!this.last) {
      this.last = { at, rows: doneRows, bytes: doneBytes };
      return;
    }
    const passedMs = at - this.last.at;
    if (passedMs < this.stepMs) return;
    const perSec = (now: bigint, before: bigint) => (Number(now - before) * 1_000) / passedMs;
    const rows = Math.max(0, perSec(doneRows, this.last.rows));
    const bytes = Math.max(0, perSec(doneBytes, this.last.bytes));
    this.last = { at, rows: doneRows, bytes: doneBytes };
    this.chain(() => this.writeRate(new Date(at), rows, bytes));
  }

  /** Writes what is left. */
  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.flush();
  }

  private flush(): Promise<void> {
    const lines = this.lines;
    if (lines.length === 0) return this.writing;
    this.lines = [];
    return this.chain(() => this.writeLines(lines));
  }

  private chain(work: () => Promise<void>): Promise<void> {
    this.writing = this.writing.then(work).catch((error: unknown) => {
      log("operations").warn(
        { err: error, operationId: this.operationId },
        "a log line could not be written",
      );
    });
    return this.writing;
  }

  private async writeLines(lines: { at: Date; level: LineLevel; text: string }[]): Promise<void> {
    await pool().query(
      `INSERT INTO "OperationLine" ("operationId", at, level, text)
       SELECT $1, t.at, t.level, t.text
       FROM unnest($2::timestamptz[], $3::text[], $4::text[]) WITH ORDINALITY AS t(at, level, text, n) ORDER BY n`,
      [
        this.operationId,
        lines.map((line) => line.at.toISOString()),
        lines.map((line) => line.level),
        lines.map((line) => line.text.replaceAll("\0", "")),
      ],
    );
  }

  private async writeRate(at: Date, rows: number, bytes: number): Promise<void> {
    await pool().query(
      `INSERT INTO "OperationRate" ("operationId", at, "rowsPerSec", "bytesPerSec")
       VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
      [this.operationId, at.toISOString(), rows, bytes],
    );
    this.rateCount += 1;
    if (this.rateCount < MAX_RATES) return;
    await pool().query(
      `DELETE FROM "OperationRate" WHERE "operationId" = $1 AND at IN (
         SELECT at FROM (SELECT at, row_number() OVER (ORDER BY at) AS n FROM "OperationRate" WHERE "operationId" = $1) r
         WHERE n % 2 = 0)`,
      [this.operationId],
    );
    this.rateCount = Math.floor(this.rateCount / 2);
    this.stepMs *= 2;
  }
}
