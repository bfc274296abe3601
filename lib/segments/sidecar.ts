import { AppError } from "@/lib/errors";
import type { Value } from "@/lib/stores/batch";
import { markText, SLOT_BITS, SLOT_COUNT, termSlots, valueSlots } from "./gram-slots";

/**
 * The search sidecar of a segment says which row groups can hold a term or a filter's value. Each row group has
 * a table of bits, one per slot of a gram; slots marked in most row groups are kept once, in a table common to
 * all. A query reads a handful of bits per row group.
 *
 *   0  "SGRM"   4  version      5  slot bits   8  u32 bytes of the JSON header   12  header, then the tables
 */
const MAGIC = 0x4d524753;
/** Rises with every change of what is marked: an older sidecar would hide rows from a newer question. */
const VERSION = 3;
/** Slots marked per bit of a table: 0.23 leaves a fifth of the bits set. Less costs size, more costs needless looks. */
const GROUP_LOAD = 0.23;
/** A false hit in the common table is one in every row group, so it is kept sparser. */
const COMMON_LOAD = 0.1;
/** A slot is common when at least this share of the row groups has it. */
const COMMON_SHARE = 0.6;

interface Table {
  bits: number;
  offset: number;
}

interface Header {
  textColumns: readonly string[];
  roles: readonly string[];
  common: Table;
  groups: readonly Table[];
}

export interface SidecarOptions {
  textColumns: readonly string[];
  filterRoles: readonly string[];
}

export interface RowGroupContent {
  /** Per text column, its values in the row group: UTF-8, or null. */
  texts: readonly (readonly Value[])[];
  /** Role → values of its column. Text, integers and booleans; anything else turns the role's pruning off. */
  filters: Readonly<Record<string, readonly Value[]>>;
}

export interface SidecarBuilder {
  addRowGroup(content: RowGroupContent): void;
  finish(): Uint8Array;
}

export interface Sidecar {
  rowGroupCount: number;
  textColumns: readonly string[];
  /** Row groups that may hold a row with every term and every value; those left out certainly hold none. */
  candidateRowGroups(terms: readonly string[], filters: Readonly<Record<string, string>>): number[];
}

/** Collects the grams of a segment, one row group after another. 256 KB of memory per row group until `finish`. */
export function createSidecarBuilder(options: SidecarOptions): SidecarBuilder {
  const groups: Uint32Array[] = [];
  const roles = new Set(options.filterRoles);
  return {
    addRowGroup({ texts, filters }) {
      const bits = new Uint32Array(SLOT_COUNT >>> 5);
      for (const values of texts)
        for (const value of values) if (value instanceof Uint8Array) markText(bits, value);
      for (const role of [...roles]) {
        const values = filters[role];
        if (!values || !markValues(bits, role, values)) roles.delete(role);
      }
      groups.push(bits);
    },
    finish: () => pack(groups, { textColumns: options.textColumns, roles: [...roles] }),
  };
}

/** False when a value has no text form that every store agrees on. */
function markValues(bits: Uint32Array, role: string, values: readonly Value[]): boolean {
  let last: Value = null;
  for (const value of values) {
    if (value === null || value === last) continue;
    last = value;
    if (typeof value === "number") return false;
    for (const slot of valueSlots(role, value instanceof Uint8Array ? value : String(value)))
      setBit(bits, slot);
  }
  return true;
}

const setBit = (bits: Uint32Array, slot: number): void => {
  bits[slot >>> 5] = (bits[slot >>> 5] as number) | (1 << slot);
};

function pack(groups: readonly Uint32Array[], named: Pick<Header, "textColumns" | "roles">): Uint8Array {
  const common = commonSlots(groups);
  const lists = groups.map((bits) => slotsOf(bits, common));
  const sizes = [
    tableBits(countBits(common), COMMON_LOAD),
    ...lists.map((list) => tableBits(list.length, GROUP_LOAD)),
  ];
  let offset = 0;
  const tables = sizes.map((bits) => {
    const table = { bits, offset };
    offset += bits >>> 3;
    return table;
  });
  const [first = { bits: 8, offset: 0 }, ...rest] = tables;
  const header: Header = { ...named, common: first, groups: rest };
  const json = new TextEncoder().encode(JSON.stringify(header));
  const out = new Uint8Array(12 + json.length + offset);
  const view = new DataView(out.buffer);
  view.setUint32(0, MAGIC, true);
  out[4] = VERSION;
  out[5] = SLOT_BITS;
  view.setUint32(8, json.length, true);
  out.set(json, 12);
  const body = out.subarray(12 + json.length);
  fill(body, first, slotsOf(common, null));
  rest.forEach((table, index) => {
    fill(body, table, lists[index] ?? new Uint32Array(0));
  });
  return out;
}

const tableBits = (slots: number, load: number): number => Math.max(8, Math.ceil(slots / load / 8) * 8);

function fill(body: Uint8Array, table: Table, slots: Uint32Array): void {
  for (let index = 0; index < slots.length; index += 1) {
    const bit = (slots[index] as number) % table.bits;
    const at = table.offset + (bit >>> 3);
    body[at] = (body[at] as number) | (1 << (bit & 7));
  }
}

/** Slots that most row groups have; none when there are too few of them to gain by it. */
function commonSlots(groups: readonly Uint32Array[]): Uint32Array {
  const common = new Uint32Array(SLOT_COUNT >>> 5);
  if (groups.length < 3) return common;
  const least = Math.max(2, Math.ceil(groups.length * COMMON_SHARE));
  const counts = new Uint32Array(SLOT_COUNT);
  for (const bits of groups) {
    for (let word = 0; word < bits.length; word += 1) {
      let rest = bits[word] as number;
      while (rest !== 0) {
        const slot = (word << 5) | (31 - Math.clz32(rest & -rest));
        counts[slot] = (counts[slot] as number) + 1;
        rest &= rest - 1;
      }
    }
  }
  for (let slot = 0; slot < SLOT_COUNT; slot += 1)
    if ((counts[slot] as number) >= least) setBit(common, slot);
  return common;
}

function countBits(bits: Uint32Array): number {
  let count = 0;
  for (let word = 0; word < bits.length; word += 1) {
    for (let rest = bits[word] as number; rest !== 0; rest &= rest - 1) count += 1;
  }
  return count;
}

function slotsOf(bits: Uint32Array, without: Uint32Array | null): Uint32Array {
  const own = without ? bits.map((word, index) => word & ~(without[index] as number)) : bits;
  const slots = new Uint32Array(countBits(own));
  let at = 0;
  for (let word = 0; word < own.length; word += 1) {
    for (let rest = own[word] as number; rest !== 0; rest &= rest - 1) {
      slots[at] = (word << 5) | (31 - Math.clz32(rest & -rest));
      at += 1;
    }
  }
  return slots;
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
