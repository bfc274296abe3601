import { StoreError } from "@/lib/errors";
import type { Physical, Value } from "@/lib/stores/batch";
import { dayText, instantText, instantTextZone, isPlainInstant } from "@/lib/stores/text-form";

/** `PGCOPY\n\377\r\n\0`, four bytes of flags, four bytes of extension length. */
const HEADER_BYTES = 19;
/** 2000-01-01, PostgreSQL's epoch. */
const EPOCH_US = 946_684_800_000_000n;
const EPOCH_DAYS = 10_957;
const INFINITY_US = 9_223_372_036_854_775_807n;
const INFINITY_DAYS = 2_147_483_647;

/** A value that its physical form cannot hold: the vector gets null and this text. */
export class Exact {
  constructor(readonly text: string) {}
}

export type Reader = (buffer: Buffer, at: number, length: number) => Value | Exact;

const altered = () =>
  new StoreError("stale_plan", "The table was altered while it was read. Nothing was changed.", {
    key: "postgres.alteredWhileRead",
  });

function readInt(buffer: Buffer, at: number, length: number): bigint {
  if (length === 8) return buffer.readBigInt64BE(at);
  if (length === 4) return BigInt(buffer.readInt32BE(at));
  if (length === 2) return BigInt(buffer.readInt16BE(at));
  throw altered();
}

function readInstant(zone: boolean): Reader {
  return (buffer, at, length) => {
    if (length !== 8) throw altered();
    const raw = buffer.readBigInt64BE(at);
    const us = raw + EPOCH_US;
    if (isPlainInstant(us)) return us;
    if (raw === INFINITY_US) return new Exact("infinity");
    if (raw === -INFINITY_US - 1n) return new Exact("-infinity");
    return new Exact(zone ? instantTextZone(us) : instantText(us));
  };
}

function readDate(buffer: Buffer, at: number, length: number): Value | Exact {
  if (length !== 4) throw altered();
  const raw = buffer.readInt32BE(at);
  const days = raw + EPOCH_DAYS;
  if (isPlainInstant(BigInt(days) * 86_400_000_000n)) return BigInt(days);
  if (raw === INFINITY_DAYS) return new Exact("infinity");
  if (raw === -INFINITY_DAYS - 1) return new Exact("-infinity");
  return new Exact(dayText(days));
}

const readBytes: Reader = (buffer, at, length) => buffer.subarray(at, at + length);

const READERS: Readonly<Record<Physical, Reader>> = {
  text: readBytes,
  bytes: readBytes,
  int64: readInt,
  float64: (buffer, at, length) => {
    if (length !== 8) throw altered();
    return buffer.readDoubleBE(at);
  },
  bool: (buffer, at) => buffer[at] === 1,
  timestamp: readInstant(false),
  timestamptz: readInstant(true),
  date: readDate,
};

export const readerOf = (physical: Physical): Reader => READERS[physical];

/**
 * Splits the stream of a binary COPY into rows. Values of type text and bytes are views of the chunk they came
 * in; a row that lies across chunks is joined once, when all of its current field is there, so that a value of
 * 100 MB costs one copy.
 */
export class CopyParser {
  private chunks: Buffer[] = [];
  private held = 0;
  /** Bytes that must be there before it is worth looking again. */
  private needed = HEADER_BYTES;
  private started = false;
  private ended = false;

  constructor(
    private readonly fieldCount: number,
    /** Called for each field of a row, in order; then `endRow`. -1: NULL. */
    private readonly onField: (index: number, buffer: Buffer, at: number, length: number) => void,
    private readonly onRow: () => void,
  ) {}

  /** Whether the trailer was seen: without it the copy broke off. */
  get complete(): boolean {
    return this.ended;
  }

  push(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.held += chunk.length;
    if (this.held < this.needed) return;
    const buffer = this.chunks.length === 1 ? chunk : Buffer.concat(this.chunks, this.held);
    const rest = this.consume(buffer);
    this.chunks = rest < buffer.length ? [buffer.subarray(rest)] : [];
    this.held = buffer.length - rest;
  }

  /** Takes whole rows; returns where the first incomplete one begins and sets `needed`. */
  private consume(buffer: Buffer): number {
    let at = 0;
    if (!this.started) {
      at = HEADER_BYTES;
      this.started = true;
    }
    while (!this.ended) {
      const end = this.rowEnd(buffer, at);
      if (end < 0) return at;
      this.emit(buffer, at);
      at = end;
    }
    return at;
  }

  private rowEnd(buffer: Buffer, from: number): number {
    const size = buffer.length;
    if (from + 2 > size) return this.wait(2);
    const fields = buffer.readInt16BE(from);
    if (fields === -1) {
      this.ended = true;
      return -1;
    }
    if (fields !== this.fieldCount) throw altered();
    let at = from + 2;
    for (let index = 0; index < fields; index++) {
      if (at + 4 > size) return this.wait(at + 4 - from);
      const length = buffer.readInt32BE(at);
      at += 4 + (length > 0 ? length : 0);
      if (at > size) return this.wait(at - from);
    }
    this.needed = 0;
    return at;
  }

  private wait(bytes: number): -1 {
    this.needed = bytes;
    return -1;
  }

  private emit(buffer: Buffer, from: number): void {
    let at = from + 2;
    for (let index = 0; index < this.fieldCount; index++) {
      const length = buffer.readInt32BE(at);
      at += 4;
      this.onField(index, buffer, at, length);
      if (length > 0) at += length;
    }
    this.onRow();
  }
}
