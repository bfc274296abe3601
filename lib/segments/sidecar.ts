import { AppError } from "@/lib/errors";
import { SLOT_BITS, termSlots, valueSlots } from "@/lib/segments/gram-slots";
import { GramTables, type Header, MAGIC, type Table, VERSION } from "@/lib/segments/gram-tables";
import type { RowGroupContent, SidecarBuilder } from "@/lib/segments/segment";
import type { Value } from "@/lib/stores/batch";

export interface SidecarOptions {
  textColumns: readonly string[];
  filterRoles: readonly string[];
}

export interface Sidecar {
  rowGroupCount: number;
  textColumns: readonly string[];
  /** Row groups that may hold a row with every term and every value; those left out certainly hold none. */
  candidateRowGroups(terms: readonly string[], filters: Readonly<Record<string, string>>): number[];
}

/** Collects the grams of a segment here and now: see gram-thread.ts for large ones. */
export function createSidecarBuilder(
  options: SidecarOptions,
): Omit<SidecarBuilder, "finish"> & { finish(): Uint8Array<ArrayBuffer> } {
  const tables = new GramTables();
  let buffer = new ArrayBuffer(0);
  const roles = new Set(options.filterRoles);
  return {
    addRowGroup({ texts, filters }) {
      const { texts: joined, textBytes } = joinTexts(texts, (sizeBytes) => {
        if (buffer.byteLength < sizeBytes) buffer = new ArrayBuffer(sizeBytes);
        return buffer;
      });
      tables.addRowGroup([new Uint8Array(joined, 0, textBytes)], filterSlots(roles, filters));
    },
    finish: () => tables.pack({ textColumns: options.textColumns, roles: [...roles] }),
    abort: () => undefined,
  };
}

/** One text of all, a NUL behind each: no gram reaches over it, and it is marked a third faster than piece by piece. */
export function joinTexts(
  texts: readonly (readonly Value[])[],
  take: (sizeBytes: number) => ArrayBuffer,
): { texts: ArrayBuffer; textBytes: number } {
  let textBytes = 0;
  for (const values of texts)
    for (const value of values) if (value instanceof Uint8Array) textBytes += value.byteLength + 1;
  const buffer = take(textBytes);
  const bytes = new Uint8Array(buffer);
  let at = 0;
  for (const values of texts) {
    for (const value of values) {
      if (!(value instanceof Uint8Array)) continue;
      bytes.set(value, at);
      at += value.byteLength;
      bytes[at] = 0;
      at += 1;
    }
  }
  return { texts: buffer, textBytes };
}

/** Slots of the filters' values of a row group. A role whose values have no single text form is taken from `roles`. */
export function filterSlots(roles: Set<string>, filters: RowGroupContent["filters"]): number[] {
  const slots: number[] = [];
  for (const role of [...roles]) {
    const values = filters[role];
    if (!values || !addSlots(slots, role, values)) roles.delete(role);
  }
  return slots;
}

/** False when a value has no text form that every store agrees on. */
function addSlots(slots: number[], role: string, values: readonly Value[]): boolean {
  let last: Value = null;
  for (const value of values) {
    if (value === null || value === last) continue;
    last = value;
    if (typeof value === "number") return false;
    slots.push(...valueSlots(role, value instanceof Uint8Array ? value : String(value)));
  }
  return true;
}

/** Reads a sidecar. Throws `corrupt` when it is not one, or was cut. */
export function openSidecar(bytes: Uint8Array): Sidecar {
  const { header, body } = readHeader(bytes);
  const has = (table: Table, slot: number): boolean => {
    const bit = slot % table.bits;
    return (((body[table.offset + (bit >>> 3)] as number) >>> (bit & 7)) & 1) === 1;
  };
  return {
    rowGroupCount: header.groups.length,
    textColumns: header.textColumns,
    candidateRowGroups(terms, filters) {
      const slots = terms.flatMap(termSlots);
      for (const [role, value] of Object.entries(filters)) {
        if (header.roles.includes(role)) slots.push(...valueSlots(role, value));
      }
      const rare = slots.filter((slot) => !has(header.common, slot));
      return header.groups.flatMap((table, index) => (rare.every((slot) => has(table, slot)) ? [index] : []));
    },
  };
}

function readHeader(bytes: Uint8Array): { header: Header; body: Uint8Array } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 12 || view.getUint32(0, true) !== MAGIC) throw damaged("it is not a sidecar");
  if (bytes[4] !== VERSION || bytes[5] !== SLOT_BITS) throw damaged(`version ${bytes[4]} is not known here`);
  const start = 12 + view.getUint32(8, true);
  if (start > bytes.length) throw damaged("its header is cut");
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(12, start))) as Header;
  const body = bytes.subarray(start);
  for (const table of [header.common, ...header.groups]) {
    if (table.offset + (table.bits >>> 3) > body.length) throw damaged("it ends too early");
  }
  return { header, body };
}

const damaged = (why: string): AppError =>
  new AppError("corrupt", `The search sidecar cannot be used: ${why}. The rows are not touched by this.`, {
    key: "sidecarDamaged",
    details: { why },
  });
