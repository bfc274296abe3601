import type { ColumnChunk } from "hyparquet";
import type { Writer } from "hyparquet-writer";
import { ByteWriter } from "hyparquet-writer";
import { writePageHeader } from "hyparquet-writer/src/datapage.js";
import { writeRleBitPackedHybrid } from "hyparquet-writer/src/encoding.js";
import { compressPage } from "@/lib/segments/zstd";
import type { Value } from "@/lib/stores/batch";

/**
 * Columns of long text or bytes are nearly all of a segment's volume. The library encodes and compresses a
 * column in one synchronous go; here the values are copied once, into a buffer that is used again for the next
 * row group, and its pages are compressed on the thread pool, all at once.
 */

/**
 * Target size of a page before compression: the unit of compression and of a reader's memory. That of a row group:
 * text that repeats is found again only inside a page (a quarter of it compresses 1.5 times worse there).
 */
const PAGE_BYTES = 4 << 20;
/** A buffer that one huge value made necessary is not kept. */
const SLAB_KEEP_BYTES = 32 << 20;

export interface WidePage {
  rowCount: number;
  nullCount: number;
  levels: Uint8Array;
  valueBytes: number;
  compressed: Promise<Uint8Array>;
}

export interface Slab {
  /** Bytes to write into, valid until `reset`. */
  take(sizeBytes: number): Buffer;
  reset(): void;
}

/** Memory for one row group at a time. */
export function createSlab(): Slab {
  let buffer = Buffer.alloc(0);
  let used = 0;
  let wanted = 0;
  return {
    take(sizeBytes) {
      wanted += sizeBytes;
      if (used + sizeBytes > buffer.byteLength) return Buffer.allocUnsafeSlow(sizeBytes);
      used += sizeBytes;
      return buffer.subarray(used - sizeBytes, used);
    },
    reset() {
      const fits = wanted <= buffer.byteLength && buffer.byteLength <= SLAB_KEEP_BYTES;
      if (!fits) buffer = Buffer.allocUnsafeSlow(Math.min(SLAB_KEEP_BYTES, Math.ceil(wanted * 1.25)));
      used = 0;
      wanted = 0;
    },
  };
}

/** Copies the values into pages and starts their compression. */
export function startWidePages(values: readonly Value[], slab: Slab): WidePage[] {
  const pages: WidePage[] = [];
  let from = 0;
  let sizeBytes = 0;
  for (let row = 0; row < values.length; row++) {
    const value = values[row];
    const valueBytes = value instanceof Uint8Array ? value.byteLength + 4 : 0;
    if (row > from && sizeBytes + valueBytes > PAGE_BYTES) {
      pages.push(startPage(values, from, row, slab.take(sizeBytes)));
      from = row;
      sizeBytes = 0;
    }
    sizeBytes += valueBytes;
  }
  pages.push(startPage(values, from, values.length, slab.take(sizeBytes)));
  return pages;
}

/** PLAIN byte arrays: length and bytes of each value that is not null. */
function startPage(values: readonly Value[], from: number, until: number, page: Buffer): WidePage {
  const present: number[] = new Array(until - from);
  let nullCount = 0;
  let offset = 0;
  for (let row = from; row < until; row++) {
    const value = values[row];
    present[row - from] = value instanceof Uint8Array ? 1 : 0;
    if (!(value instanceof Uint8Array)) {
      nullCount += 1;
      continue;
    }
    page.writeUInt32LE(value.byteLength, offset);
    page.set(value, offset + 4);
    offset += value.byteLength + 4;
  }
  const compressed = compressPage(page);
  compressed.catch(() => undefined); // thrown where it is awaited
  return { rowCount: until - from, nullCount, levels: levelBytes(present), valueBytes: offset, compressed };
}

function levelBytes(present: number[]): Uint8Array {
  const writer = new ByteWriter(64);
  writeRleBitPackedHybrid(writer, present, 1);
  return writer.getBytes();
}

/** Writes the pages where the file stands and returns the column's entry of the footer. */
export async function writeWideChunk(
  writer: Writer,
  name: string,
  pages: readonly WidePage[],
): Promise<ColumnChunk> {
  const start = writer.offset;
  let uncompressedBytes = 0;
  for (const page of pages) {
    const compressed = await page.compressed;
    uncompressedBytes += writePage(writer, page, compressed);
  }
  const rowCount = pages.reduce((sum, page) => sum + page.rowCount, 0);
  return {
    file_offset: BigInt(start),
    meta_data: {
      type: "BYTE_ARRAY",
      encodings: ["PLAIN"],
      path_in_schema: [name],
      codec: "ZSTD",
      num_values: BigInt(rowCount),
      total_uncompressed_size: BigInt(uncompressedBytes),
      total_compressed_size: BigInt(writer.offset - start),
      data_page_offset: BigInt(start),
    },
  };
}

function writePage(writer: Writer, page: WidePage, compressed: Uint8Array): number {
  const start = writer.offset;
  writePageHeader(writer, {
    type: "DATA_PAGE_V2",
    uncompressed_page_size: page.levels.byteLength + page.valueBytes,
    compressed_page_size: page.levels.byteLength + compressed.byteLength,
    data_page_header_v2: {
      num_values: page.rowCount,
      num_nulls: page.nullCount,
      num_rows: page.rowCount,
      encoding: "PLAIN",
      definition_levels_byte_length: page.levels.byteLength,
      repetition_levels_byte_length: 0,
      is_compressed: true,
    },
  });
  const headerBytes = writer.offset - start;
  writer.appendBytes(page.levels);
  writer.appendBytes(compressed);
  return headerBytes + page.levels.byteLength + page.valueBytes;
}
