import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { promisify } from "node:util";
import { constants, zstdCompress } from "node:zlib";
import type { Encoding, SchemaElement } from "hyparquet";
import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import type { Value } from "@/lib/stores/batch";

const compress = promisify(zstdCompress);

/** Level 3 of zstd: higher levels cost more time than the whole export, lower ones a quarter of the space. */
const ZSTD_LEVEL = 3;
/** Target size of a page before compression: the unit of compression and of a reader's memory. */
const PAGE_BYTES = 1 << 20;

export interface ParquetColumn {
  name: string;
  data: Value[];
  /** Unset: a dictionary where it at least halves the column. */
  encoding?: Encoding;
  statistics: boolean;
}

export interface ParquetFile {
  /** Resolves when the row group is in the file. Calls must not overlap. */
  writeRowGroup(columns: readonly ParquetColumn[]): Promise<void>;
  finish(): Promise<{ sizeBytes: number; sha256: string }>;
  abort(): Promise<void>;
}

/**
 * A Parquet file that grows row group by row group, hashed while it is written.
 *
 * The library encodes and compresses in one synchronous go. To compress the pages on the thread pool, a row
 * group is encoded twice: the first pass only collects the pages, the second puts the compressed ones in
 * their place. Encoding is a copy of memory, a tenth of the cost of compressing.
 */
export async function createParquetFile(path: string, schema: SchemaElement[]): Promise<ParquetFile> {
  const file = await open(path, "wx", 0o600);
  const hash = createHash("sha256");
  const bytes = new ByteWriter(1 << 20);
  const queue: Uint8Array[] = [];
  const writer = new ParquetWriter({
    writer: bytes,
    schema,
    codec: "ZSTD",
    compressors: { ZSTD: () => shifted(queue) },
    createdBy: "strata",
  });
  const drain = async () => {
    const chunk = bytes.getBytes();
    hash.update(chunk);
    await file.writeFile(chunk);
    bytes.index = 0;
  };
  return {
    writeRowGroup: async (columns) => {
      queue.push(...(await Promise.all(collectPages(schema, columns).map(compressPage))));
      await writer.write(writeOptions(columns));
      await drain();
    },
    finish: async () => {
      await writer.finish();
      await drain();
      await file.close();
      return { sizeBytes: bytes.offset, sha256: hash.digest("hex") };
    },
    abort: () => closeQuietly(file),
  };
}

function shifted(queue: Uint8Array[]): Uint8Array {
  const page = queue.shift();
  if (!page) throw new Error("the second pass met a page the first one did not");
  return page;
}

const writeOptions = (columns: readonly ParquetColumn[]) => ({
  columnData: columns.map((column) => ({ ...column })),
  rowGroupSize: columns[0]?.data.length ?? 0,
  pageSize: PAGE_BYTES,
});

function collectPages(schema: SchemaElement[], columns: readonly ParquetColumn[]): Uint8Array[] {
  const pages: Uint8Array[] = [];
  const nothing = new Uint8Array();
  const collect = (page: Uint8Array) => {
    pages.push(page);
    return nothing;
  };
  const unstated = columns.map((column) => ({ ...column, statistics: false }));
  const dry = new ParquetWriter({
    writer: new ByteWriter(),
    schema,
    codec: "ZSTD",
    compressors: { ZSTD: collect },
  });
  dry.write(writeOptions(unstated));
  return pages;
}

/** With an output chunk as large as any result the library needs one trip to the thread pool per page. */
const compressPage = (page: Uint8Array): Promise<Uint8Array> =>
  compress(page, {
    chunkSize: Math.max(1024, page.byteLength + (page.byteLength >> 7) + 512),
    params: {
      [constants.ZSTD_c_compressionLevel]: ZSTD_LEVEL,
      [constants.ZSTD_c_contentSizeFlag]: 1,
    },
  });

const closeQuietly = (file: FileHandle): Promise<void> => file.close().catch(() => undefined);
