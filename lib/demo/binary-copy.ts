import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Client } from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { type ColumnType, columnList, type DemoTable, qualified, type Value } from "@/lib/demo/tables";

const SIGNATURE = Buffer.from("PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0", "latin1");
const CHUNK_BYTES = 1 << 20;
/** PostgreSQL counts binary timestamps from 2000-01-01. */
const EPOCH_2000_US = Date.UTC(2000, 0, 1) * 1000;
/** The most that a value without text takes, with its length word. */
const FIXED_BYTES = 64;

/**
 * Loads `rows` into a table created in the client's open transaction. FREEZE spares the first vacuum a rewrite
 * of every page, and needs that transaction. Returns the number of rows; nothing is kept if it throws.
 */
export async function copyRows(client: Client, table: DemoTable, rows: Iterable<Value[]>): Promise<number> {
  const sql = `COPY ${qualified(table)} (${columnList(table)}) FROM STDIN WITH (FORMAT binary, FREEZE)`;
  const stream = client.query(copyFrom(sql));
  await pipeline(Readable.from(encode(table, rows), { objectMode: true, highWaterMark: 2 }), stream);
  return stream.rowCount;
}

/** Rows as chunks of COPY's binary format of about 1 MB. */
export function* encode(table: DemoTable, rows: Iterable<Value[]>): Generator<Buffer> {
  const types = table.columns.map(([, type]) => type);
  const writer = new RowWriter();
  writer.bytes(SIGNATURE);
  for (const row of rows) {
    writer.row(types, row);
    if (writer.length >= CHUNK_BYTES) yield writer.take();
  }
  writer.end();
  yield writer.take();
}

class RowWriter {
  private buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES + (CHUNK_BYTES >> 1));
  length = 0;

  take(): Buffer {
    const chunk = this.buffer.subarray(0, this.length);
    this.buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES + (CHUNK_BYTES >> 1));
    this.length = 0;
    return chunk;
  }

  bytes(bytes: Buffer): void {
    this.room(bytes.length);
    this.length += bytes.copy(this.buffer, this.length);
  }

  end(): void {
    this.room(2);
    this.length = this.buffer.writeInt16BE(-1, this.length);
  }

  row(types: readonly ColumnType[], row: readonly Value[]): void {
    if (row.length !== types.length)
      throw new Error(`A row of ${row.length} values for ${types.length} columns.`);
    this.room(2);
    this.length = this.buffer.writeInt16BE(types.length, this.length);
    for (let at = 0; at < types.length; at++) this.value(types[at] as ColumnType, row[at] ?? null);
  }

  private value(type: ColumnType, value: Value): void {
    this.room(FIXED_BYTES);
    if (value === null) this.length = this.buffer.writeInt32BE(-1, this.length);
    else if (typeof value === "string") this.text(type, value);
    else if (typeof value === "boolean") this.fixed(1, (at) => this.buffer.writeInt8(value ? 1 : 0, at));
    else this.number(type, value);
  }

  private text(type: ColumnType, value: string): void {
    if (type === "uuid") {
      this.fixed(16, (at) => this.buffer.write(value.replaceAll("-", ""), at, "hex"));
      return;
    }
    this.room(4 + value.length * 3);
    const written = this.buffer.write(value, this.length + 4, "utf8");
    this.buffer.writeInt32BE(written, this.length);
    this.length += 4 + written;
  }

  private number(type: ColumnType, value: number): void {
    if (type === "int4") this.fixed(4, (at) => this.buffer.writeInt32BE(value, at));
    else if (type === "float8") this.fixed(8, (at) => this.buffer.writeDoubleBE(value, at));
    else if (type === "timestamp") this.int8(value - EPOCH_2000_US);
    else if (type === "int8") this.int8(value);
    else this.numeric(value, type === "numeric(10,4)" ? 4 : 7);
  }

  private int8(value: number): void {
    const high = Math.floor(value / 4294967296);
    this.fixed(8, (at) => {
      this.buffer.writeInt32BE(high, at);
      this.buffer.writeUInt32BE(value - high * 4294967296, at + 4);
    });
  }

  /** numeric travels as base-10000 digits, the weight of the first, a sign and the scale. */
  private numeric(value: number, scale: number): void {
    const fractionDigits = Math.ceil(scale / 4);
    let left = Math.round(value * 10 ** scale) * 10 ** (fractionDigits * 4 - scale);
    const digits: number[] = [];
    for (; left > 0; left = Math.floor(left / 10_000)) digits.unshift(left % 10_000);
    const weight = digits.length - fractionDigits - 1;
    while (digits.at(-1) === 0) digits.pop();
    this.fixed(8 + digits.length * 2, (at) => {
      for (const part of [digits.length, digits.length === 0 ? 0 : weight, 0, scale, ...digits])
        at = this.buffer.writeInt16BE(part, at);
    });
  }

  private fixed(size: number, write: (at: number) => void): void {
    this.buffer.writeInt32BE(size, this.length);
    write(this.length + 4);
    this.length += 4 + size;
  }

  private room(bytes: number): void {
    if (this.length + bytes <= this.buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.buffer.length * 2, this.length + bytes));
    this.buffer.copy(larger, 0, 0, this.length);
    this.buffer = larger;
  }
}
