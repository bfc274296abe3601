import { open, readFile } from "node:fs/promises";
import { crc32 } from "node:zlib";
import { hasErrno } from "@/lib/control/files";

/**
 * A spool file holds one record a line: `<crc32 of the JSON, 8 hex digits> <JSON>\n`. It is only ever appended to; a
 * line counts once it was flushed to the disk.
 */
const line = (value: unknown): string => {
  const json = JSON.stringify(value);
  return `${crc32(json).toString(16).padStart(8, "0")} ${json}\n`;
};

/** Appends records and flushes them to the disk: when this resolves, a crash loses none of them. */
export async function appendRecords(path: string, values: readonly unknown[]): Promise<void> {
  const file = await open(path, "a", 0o600);
  try {
    await file.appendFile(values.map(line).join(""));
    await file.datasync();
  } finally {
    await file.close();
  }
}

export interface SpoolRecord {
  value: unknown;
  /** Offset behind the record: where reading goes on. */
  endByte: number;
}

export interface SpoolContent {
  records: SpoolRecord[];
  /** Lines whose checksum does not fit: kept in the file, told, never delivered. */
  damaged: number;
}

/**
 * The whole records behind an offset, in order. A last line without its end was never acknowledged to anybody (the
 * process died while writing it) and is left out.
 */
export async function readRecords(path: string, fromByte: number): Promise<SpoolContent> {
  const bytes = await readFile(path).catch((error: unknown) => {
    if (hasErrno(error, "ENOENT")) return Buffer.alloc(0);
    throw error;
  });
  const records: SpoolRecord[] = [];
  let damaged = 0;
  for (let start = fromByte; start < bytes.length; ) {
    const end = bytes.indexOf(0x0a, start);
    if (end < 0) break;
    const value = parseLine(bytes.subarray(start, end).toString("utf8"));
    if (value === undefined) damaged += 1;
    else records.push({ value, endByte: end + 1 });
    start = end + 1;
  }
  return { records, damaged };
}

function parseLine(text: string): unknown {
  const json = text.slice(9);
  if (text.slice(0, 8) !== crc32(json).toString(16).padStart(8, "0")) return undefined;
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
