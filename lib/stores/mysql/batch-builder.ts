import type { Batch, Cursor, Value, Vector } from "@/lib/stores/batch";
import type { RawRow } from "@/lib/stores/mysql/connection";
import { digestHexSql } from "@/lib/stores/mysql/digest-sql";
import { clockUs } from "@/lib/stores/mysql/instant";
import { type MyColumn, transportSql } from "@/lib/stores/mysql/mapper";
import { col } from "@/lib/stores/mysql/sql";
import { rowDigest } from "@/lib/stores/row-digest";
import { vectorText } from "@/lib/stores/text-form";

/** What one row of a read consists of. */
export interface RowLayout {
  /** The columns of the batch. */
  columns: readonly MyColumn[];
  /** Columns the cursor is made of; those not among `columns` are fetched besides. */
  cursor: readonly MyColumn[];
  digests: boolean;
}

const extras = (layout: RowLayout): MyColumn[] =>
  layout.cursor.filter((column) => !layout.columns.some((one) => one.name === column.name));

/** The select list that `BatchBuilder` expects. */
export function selectList(layout: RowLayout, alias: string): string {
  const values = [...layout.columns, ...extras(layout)].map((column) =>
    transportSql(column, col(alias, column.name)),
  );
  if (layout.digests) values.push(digestHexSql(alias, layout.columns));
  return values.join(", ") || "1";
}

/** An exact text, for what the typed vector cannot hold. */
class Exact {
  constructor(readonly text: string) {}
}

type Reader = (bytes: Buffer) => Value | Exact;

const MAX_INT64 = 2n ** 63n - 1n;
const DAY_US = 86_400_000_000n;

function readInteger(bytes: Buffer): Value | Exact {
  const text = bytes.toString("latin1");
  // Up to 15 digits a number is exact, and quicker to make.
  const value = text.length < 16 ? BigInt(Number(text)) : BigInt(text);
  return value > MAX_INT64 ? new Exact(text) : value;
}

/** Fractions lose their trailing zeros, as the text form has it. */
const shortened = (text: string): string => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);

function readInstant(bytes: Buffer): Value | Exact {
  const text = bytes.toString("latin1");
  return clockUs(text) ?? new Exact(shortened(text));
}

function readZoned(bytes: Buffer): Value | Exact {
  const text = bytes.toString("latin1");
  return clockUs(text) ?? new Exact(`${shortened(text)}+00`);
}

function readDate(bytes: Buffer): Value | Exact {
  const text = bytes.toString("latin1");
  const us = clockUs(text);
  return us === null ? new Exact(text) : us / DAY_US;
}

function readerOf(column: MyColumn): Reader {
  switch (column.physical) {
    case "int64":
      return readInteger;
    case "timestamp":
      return readInstant;
    case "timestamptz":
      return readZoned;
    case "date":
      return readDate;
    default:
      return (bytes) => bytes;
  }
}

interface Filling {
  values: Value[];
  exact: Map<number, string>;
}

/** Turns raw rows into batches of about the wanted size. */
export class BatchBuilder {
  /** Batches that are full, oldest first. */
  readonly ready: Batch[] = [];
  private readonly columns: readonly MyColumn[];
  private readonly readers: readonly Reader[];
  private filling: Filling[];
  private digests: (Uint8Array | null)[] = [];
  private rowCount = 0;
  private sizeBytes = 0;

  constructor(
    private readonly layout: RowLayout,
    private readonly maxRows: number,
    private readonly maxBytes: number,
  ) {
    this.columns = [...layout.columns, ...extras(layout)];
    this.readers = this.columns.map(readerOf);
    this.filling = this.fresh();
  }

  add(row: RawRow): void {
    for (let at = 0; at < this.columns.length; at++) {
      const into = this.filling[at];
      const bytes = row[at];
      if (!into) continue;
      if (bytes == null) {
        into.values.push(null);
        continue;
      }
      if (at < this.layout.columns.length) this.sizeBytes += bytes.length;
      const value = this.readers[at]?.(bytes) ?? null;
      if (value instanceof Exact) {
        into.exact.set(this.rowCount, value.text);
        into.values.push(null);
      } else into.values.push(value);
    }
    if (this.layout.digests) {
      const hex = row[this.columns.length];
      this.digests.push(hex ? Buffer.from(hex.toString("latin1"), "hex") : null);
    }
    this.rowCount += 1;
    if (this.rowCount >= this.maxRows || this.sizeBytes >= this.maxBytes) this.ready.push(this.cut());
  }

  /** The rows that are left, or null. */
  finish(): Batch | null {
    return this.rowCount > 0 ? this.cut() : null;
  }

  private cut(): Batch {
    const vectors = this.columns.map((column, at) => vectorOf(column, this.filling[at]));
    const own = vectors.slice(0, this.layout.columns.length);
    const batch = {
      rowCount: this.rowCount,
      vectors: own,
      // A row too long for the server to put together is digested here: see digest-sql.ts.
      digests: this.digests.map((digest, row) => digest ?? rowDigest(own, row)),
      sizeBytes: this.sizeBytes,
      end: this.cursorOf(vectors, this.rowCount - 1),
    };
    this.filling = this.fresh();
    this.digests = [];
    this.rowCount = 0;
    this.sizeBytes = 0;
    return batch;
  }

  private cursorOf(vectors: readonly Vector[], row: number): Cursor {
    return this.layout.cursor.map((column) => {
      const vector = vectors.find((one) => one.name === column.name);
      return (vector && vectorText(vector, row)) ?? "";
    });
  }

  private fresh(): Filling[] {
    return this.columns.map(() => ({ values: [], exact: new Map() }));
  }
}

const vectorOf = (column: MyColumn, filling: Filling | undefined): Vector => ({
  name: column.name,
  physical: column.physical,
  sourceType: column.type,
  values: filling?.values ?? [],
  exact: filling?.exact ?? new Map(),
});

export const emptyBatch = (layout: RowLayout): Batch => ({
  rowCount: 0,
  vectors: layout.columns.map((column) => vectorOf(column, undefined)),
  digests: [],
  sizeBytes: 0,
  end: [],
});
