import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import type { ColumnChunk, SchemaElement } from "hyparquet";
import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import { writeColumn } from "hyparquet-writer/src/column.js";
import { AppError } from "@/lib/errors";
import { createSlab, startWidePages, type WidePage, writeWideChunk } from "@/lib/segments/wide-column";
import { compressPageSync } from "@/lib/segments/zstd";
import type { Value } from "@/lib/stores/batch";

export interface ParquetColumn {
  name: string;
  data: Value[];
  /**
   * `wide`: text or bytes too long for a dictionary, without statistics. `plain`: small values that hardly
   * repeat. `auto`: a dictionary where it at least halves the column.
   */
  layout: "wide" | "plain" | "auto";
  statistics: boolean;
}

export interface ParquetFile {
  /** Resolves when the row group is in the file. Calls must not overlap. */
  writeRowGroup(columns: readonly ParquetColumn[]): Promise<void>;
  finish(): Promise<{ sizeBytes: number; sha256: string }>;
  abort(): Promise<void>;
}

/** A Parquet file that grows row group by row group, hashed while it is written. */
export async function createParquetFile(path: string, schema: SchemaElement[]): Promise<ParquetFile> {
  const file = await open(path, "wx", 0o600);
  const hash = createHash("sha256");
  const bytes = new ByteWriter(4 << 20);
  const footer = new ParquetWriter({ writer: bytes, schema, codec: "ZSTD", createdBy: "strata" });
  const slab = createSlab();
  const drain = async () => {
    const chunk = bytes.getBytes();
    hash.update(chunk);
    await file.writeFile(chunk).catch((error: unknown) => {
      throw scratchError(error, path);
    });
    bytes.index = 0;
  };
  return {
    writeRowGroup: async (columns) => {
      const wide = columns.map((column) =>
        column.layout === "wide" ? startWidePages(column.data, slab) : null,
      );
      const start = bytes.offset;
      const chunks: ColumnChunk[] = [];
      for (const [index, column] of columns.entries())
        chunks.push(await writeChunk(bytes, footer, column, wide[index] ?? null));
      addRowGroup(footer, chunks, columns[0]?.data.length ?? 0, bytes.offset - start);
      await drain();
      slab.reset();
    },
    finish: async () => {
      await footer.finish();
      await drain();
      await file.close();
      return { sizeBytes: bytes.offset, sha256: hash.digest("hex") };
    },
    abort: () => closeQuietly(file),
  };
}

async function writeChunk(
  bytes: ByteWriter,
  footer: ParquetWriter,
  column: ParquetColumn,
  wide: WidePage[] | null,
): Promise<ColumnChunk> {
  if (wide) return writeWideChunk(bytes, column.name, wide);
  const result = writeColumn({ writer: bytes, ...narrow(footer.schema, column) });
  footer.pendingIndexes.push(result);
  return result.chunk;
}

/** What the library needs to know about a flat column. */
function narrow(schema: SchemaElement[], column: ParquetColumn) {
  const [root] = schema;
  const element = schema.find(({ name }, index) => index > 0 && name === column.name);
  if (!root || !element) throw new RangeError(`the schema has no column ${column.name}`);
  const optional = element.repetition_type === "OPTIONAL";
  return {
    column: {
      columnName: column.name,
      element,
      schemaPath: [root, element],
      codec: "ZSTD" as const,
      compressors: { ZSTD: compressPageSync },
      stats: column.statistics,
      pageSize: 1 << 20,
      columnIndex: false,
      offsetIndex: false,
      encoding: column.layout === "plain" ? ("PLAIN" as const) : undefined,
    },
    pageData: {
      values: column.data,
      definitionLevels: optional ? column.data.map((value) => (value === null ? 0 : 1)) : [],
      repetitionLevels: [],
      maxDefinitionLevel: optional ? 1 : 0,
    },
  };
}

function addRowGroup(
  footer: ParquetWriter,
  columns: ColumnChunk[],
  rowCount: number,
  sizeBytes: number,
): void {
  const total = columns.reduce((sum, { meta_data }) => sum + (meta_data?.total_uncompressed_size ?? 0n), 0n);
  footer.num_rows += BigInt(rowCount);
  footer.row_groups.push({
    columns,
    total_byte_size: total,
    num_rows: BigInt(rowCount),
    total_compressed_size: BigInt(sizeBytes),
  });
}

function scratchError(error: unknown, path: string): unknown {
  const code = error instanceof Error && "code" in error ? error.code : "";
  if (code !== "ENOSPC" && code !== "EDQUOT") return error;
  return new AppError(
    "disk_full",
    `The disk of this worker is full: ${path} could not be written. Nothing was deleted. Free some space there, or let STRATA_DATA name a larger disk; then resume.`,
    { cause: error, details: { path }, key: "scratchDiskFull", retryable: true },
  );
}

const closeQuietly = (file: FileHandle): Promise<void> => file.close().catch(() => undefined);
