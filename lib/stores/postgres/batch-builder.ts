import type { Batch, Cursor, Value, Vector } from "@/lib/stores/batch";
import { CopyParser, Exact, readerOf } from "@/lib/stores/postgres/copy-parser";
import { digestSql } from "@/lib/stores/postgres/digest-sql";
import { type PgColumn, transportExpression } from "@/lib/stores/postgres/mapper";
import { col } from "@/lib/stores/postgres/sql";
import { textSize, vectorText } from "@/lib/stores/text-form";

/** What one row of a COPY consists of. */
export interface RowLayout {
  /** The columns of the batch. */
  columns: readonly PgColumn[];
  /** Columns the cursor is made of; those not among `columns` are fetched besides. */
  cursor: readonly PgColumn[];
  digests: boolean;
  /** Origin of the rows' versions, which are fetched after the digest; see row-versions.ts. */
  versions?: string | null;
}

const extras = (layout: RowLayout): PgColumn[] =>
  layout.cursor.filter((column) => !layout.columns.some((one) => one.name === column.name));

/** The select list that `BatchBuilder` expects. */
export function selectList(layout: RowLayout, alias: string): string {
  const values = [...layout.columns, ...extras(layout)].map((column) =>
    transportExpression(column, col(alias, column.name)),
  );
  if (layout.digests) values.push(digestSql(alias, layout.columns));
  if (layout.versions) values.push(`${alias}.xmin`);
  return values.join(", ");
}

interface Filling {
  values: Value[];
  exact: Map<number, string>;
}

/** Turns the bytes of a COPY into batches of about the wanted size. */
export class BatchBuilder {
  readonly parser: CopyParser;
  /** Batches that are full, oldest first. */
  readonly ready: Batch[] = [];
  private readonly columns: readonly PgColumn[];
  private filling: Filling[];
  private digests: Uint8Array[] = [];
  private versions: string[] = [];
  private lastVersion = { xid: -1, text: "" };
  private rowCount = 0;
  private sizeBytes = 0;

  constructor(
    private readonly layout: RowLayout,
    private readonly maxRows: number,
    private readonly maxBytes: number,
  ) {
    this.columns = [...layout.columns, ...extras(layout)];
    this.filling = this.fresh();
    const readers = this.columns.map((column) => readerOf(column.physical));
    const fieldCount = readers.length + (layout.digests ? 1 : 0) + (layout.versions ? 1 : 0);
    const versionAt = layout.versions ? fieldCount - 1 : -1;
    this.parser = new CopyParser(
      fieldCount,
      (index, buffer, at, length) => {
        const reader = readers[index];
        if (index === versionAt) this.versions.push(this.versionText(buffer.readUInt32BE(at)));
        else if (!reader) this.digests.push(buffer.subarray(at, at + length));
        else this.add(index, length < 0 ? null : reader(buffer, at, length));
      },
      () => this.endRow(),
    );
  }

  /** The rows that are left, or null. */
  finish(): Batch | null {
    return this.rowCount > 0 ? this.cut() : null;
  }

  private add(index: number, value: Value | Exact): void {
    const column = this.columns[index];
    const into = this.filling[index];
    if (!into || !column) return;
    if (value instanceof Exact) {
      into.exact.set(this.rowCount, value.text);
      into.values.push(null);
      this.sizeBytes += value.text.length;
      return;
    }
    into.values.push(value);
    if (index < this.layout.columns.length) this.sizeBytes += textSize(column.physical, value);
  }

  /** Rows that came together often have one version: one string for all of them. */
  private versionText(xid: number): string {
    if (xid !== this.lastVersion.xid) this.lastVersion = { xid, text: String(xid) };
    return this.lastVersion.text;
  }

  private endRow(): void {
    this.rowCount += 1;
    if (this.rowCount >= this.maxRows || this.sizeBytes >= this.maxBytes) this.ready.push(this.cut());
  }

  private cut(): Batch {
    const vectors = this.columns.map((column, at) => vectorOf(column, this.filling[at]));
    const batch = {
      rowCount: this.rowCount,
      vectors: vectors.slice(0, this.layout.columns.length),
      digests: this.digests,
      ...(this.layout.versions && { versions: { origin: this.layout.versions, rows: this.versions } }),
      sizeBytes: this.sizeBytes,
      end: this.cursorOf(vectors, this.rowCount - 1),
    };
    this.filling = this.fresh();
    this.digests = [];
    this.versions = [];
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

const vectorOf = (column: PgColumn, filling: Filling | undefined): Vector => ({
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
