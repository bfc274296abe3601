import { type FileHandle, open } from "node:fs/promises";
import { zstdDecompressSync } from "node:zlib";
import { type AsyncBuffer, type FileMetaData, parquetMetadataAsync, parquetRead } from "hyparquet";
import type { Value } from "@/lib/stores/batch";

/** Values stay as they lie in the file: bytes are not decoded, times stay integers. */
const parsers = {
  timestampFromMicroseconds: (us: bigint) => us,
  dateFromDays: (days: number | null | undefined) => (typeof days === "number" ? BigInt(days) : null),
  stringFromBytes: (bytes: Uint8Array) => bytes,
};
const compressors = { ZSTD: (page: Uint8Array) => zstdDecompressSync(page) };

export interface ParquetReader {
  /** Uncompressed size of the largest row group: what a reader must be able to hold. */
  largestGroupBytes: number;
  /** Columns of rows [from, until), which should be the bounds of a row group. Missing columns are left out. */
  read(columns: readonly string[], from: number, until: number): Promise<Map<string, Value[]>>;
  close(): Promise<void>;
}

/** Opens a local Parquet file of ours. Reads only the column chunks that are asked for. */
export async function openParquet(path: string): Promise<ParquetReader> {
  const handle = await open(path, "r");
  try {
    const file = await asyncBuffer(handle);
    const metadata: FileMetaData = await parquetMetadataAsync(file, { parsers, geoparquet: false });
    return {
      largestGroupBytes: Math.max(0, ...metadata.row_groups.map((group) => Number(group.total_byte_size))),
      read: (columns, from, until) => readColumns(file, metadata, columns, from, until),
      close: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function asyncBuffer(handle: FileHandle): Promise<AsyncBuffer> {
  const { size } = await handle.stat();
  return {
    byteLength: size,
    slice: async (start, end = size) => {
      const buffer = new ArrayBuffer(Math.max(0, end - start));
      let done = 0;
      while (done < buffer.byteLength) {
        const { bytesRead } = await handle.read(new Uint8Array(buffer, done), { position: start + done });
        if (bytesRead === 0) throw new RangeError("the file ends before its footer says");
        done += bytesRead;
      }
      return buffer;
    },
  };
}

async function readColumns(
  file: AsyncBuffer,
  metadata: FileMetaData,
  columns: readonly string[],
  from: number,
  until: number,
): Promise<Map<string, Value[]>> {
  const found = new Map<string, Value[]>(columns.map((name) => [name, new Array(until - from).fill(null)]));
  await parquetRead({
    file,
    metadata,
    columns: [...columns],
    rowStart: from,
    rowEnd: until,
    utf8: false,
    parsers,
    compressors,
    onChunk: ({ columnName, columnData, rowStart }) => {
      const target = found.get(columnName);
      if (!target) return;
      for (let index = 0; index < columnData.length; index++) {
        const row = rowStart + index - from;
        if (row >= 0 && row < target.length) target[row] = (columnData[index] ?? null) as Value;
      }
    },
  });
  return found;
}
