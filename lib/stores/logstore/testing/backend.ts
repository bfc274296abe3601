import pg from "pg";

const TEXT = { getTypeParser: () => (value: string) => value };

export interface Answer {
  fields: { name: string; dataTypeID: number }[];
  rows: (string | null)[][];
}

/** The PostgreSQL that the double keeps its rows in. What only reads is run by sessions that cannot write. */
export class Backend {
  private readonly readers: pg.Pool;
  private readonly writer: pg.Pool;
  private readonly underway = new Set<Promise<unknown>>();

  constructor(
    url: string,
    private readonly visibleAfterMs: number,
  ) {
    const pool = (max: number, options: string) => {
      const made = new pg.Pool({
        connectionString: url,
        max,
        options: `-c TimeZone=UTC ${options}`,
        types: TEXT,
      });
      made.on("error", () => undefined);
      return made;
    };
    this.readers = pool(4, "-c default_transaction_read_only=on");
    this.writer = pool(1, "");
  }

  async read(sql: string): Promise<Answer> {
    const result = await this.readers.query<(string | null)[]>({ text: sql, rowMode: "array" });
    return { fields: result.fields, rows: result.rows };
  }

  /** Taken at once, seen later. What cannot be taken fails at once. */
  async append(sql: string): Promise<string> {
    if (this.visibleAfterMs === 0) return tagOf(await this.writer.query(sql));
    const later = new Promise((resolve) => setTimeout(resolve, this.visibleAfterMs))
      .then(() => this.writer.query(sql))
      .catch(() => undefined);
    this.underway.add(later);
    void later.then(() => this.underway.delete(later));
    return "INSERT 0 0";
  }

  async define(sql: string): Promise<string> {
    return tagOf(await this.writer.query(sql));
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.underway);
    await Promise.all([this.readers.end(), this.writer.end()]);
  }
}

const tagOf = ({ command, rowCount }: pg.QueryResult): string =>
  command === "INSERT" ? `INSERT 0 ${rowCount ?? 0}` : command;
