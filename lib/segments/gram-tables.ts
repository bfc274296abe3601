import { markText, SLOT_BITS, SLOT_COUNT } from "@/lib/segments/gram-slots";

/**
 * The search sidecar of a segment says which row groups can hold a term or a filter's value. Each row group has
 * a table of bits, one per slot of a gram; slots marked in most row groups are kept once, in a table common to
 * all. A query reads a handful of bits per row group.
 *
 *   0  "SGRM"   4  version      5  slot bits   8  u32 bytes of the JSON header   12  header, then the tables
 */
export const MAGIC = 0x4d524753;
/** Rises with every change of what is marked: an older sidecar would hide rows from a newer question. */
export const VERSION = 3;
/** Slots marked per bit of a table: 0.23 leaves a fifth of the bits set. Less costs size, more costs needless looks. */
const GROUP_LOAD = 0.23;
/** A false hit in the common table is one in every row group, so it is kept sparser. */
const COMMON_LOAD = 0.1;
/** A slot is common when at least this share of the row groups has it. */
const COMMON_SHARE = 0.6;

export interface Table {
  bits: number;
  offset: number;
}

export interface Header {
  textColumns: readonly string[];
  roles: readonly string[];
  common: Table;
  groups: readonly Table[];
}

/** Which columns and roles a sidecar speaks of. */
export type Named = Pick<Header, "textColumns" | "roles">;

/** The grams of a segment, row group by row group. 256 KB of memory each until they are packed. */
export class GramTables {
  private readonly groups: Uint32Array[] = [];

  /** A row group: its texts, and slots that are marked besides. Nothing of what is given is kept. */
  addRowGroup(texts: Iterable<Uint8Array>, slots: Iterable<number>): void {
    const bits = new Uint32Array(SLOT_COUNT >>> 5);
    for (const text of texts) markText(bits, text);
    for (const slot of slots) setBit(bits, slot);
    this.groups.push(bits);
  }

  /** The bytes of the `.grams` object. */
  pack(named: Named): Uint8Array<ArrayBuffer> {
    return pack(this.groups, named);
  }
}

export const setBit = (bits: Uint32Array, slot: number): void => {
  bits[slot >>> 5] = (bits[slot >>> 5] as number) | (1 << slot);
};

function pack(groups: readonly Uint32Array[], named: Named): Uint8Array<ArrayBuffer> {
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
