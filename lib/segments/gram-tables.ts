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
  const sizes = [
    tableBits(countBits(common, null), COMMON_LOAD),
    ...groups.map((bits) => tableBits(countBits(bits, common), GROUP_LOAD)),
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
  fill(body, first, common, null);
  for (const [index, bits] of groups.entries()) fill(body, rest[index] ?? first, bits, common);
  return out;
}

const tableBits = (slots: number, load: number): number => Math.max(8, Math.ceil(slots / load / 8) * 8);

function fill(body: Uint8Array, table: Table, bits: Uint32Array, without: Uint32Array | null): void {
  for (let word = 0; word < bits.length; word += 1) {
    let rest = without ? (bits[word] as number) & ~(without[word] as number) : (bits[word] as number);
    for (; rest !== 0; rest &= rest - 1) {
      const bit = ((word << 5) | (31 - Math.clz32(rest & -rest))) % table.bits;
      const at = table.offset + (bit >>> 3);
      body[at] = (body[at] as number) | (1 << (bit & 7));
    }
  }
}

/**
 * Slots that most row groups have; none when there are too few of them to gain by it. 32 slots are counted at once:
 * `planes[n]` holds bit n of the count of each.
 */
function commonSlots(groups: readonly Uint32Array[]): Uint32Array {
  const common = new Uint32Array(SLOT_COUNT >>> 5);
  if (groups.length < 3) return common;
  const least = Math.max(2, Math.ceil(groups.length * COMMON_SHARE));
  const planes = new Int32Array(32 - Math.clz32(groups.length));
  for (let word = 0; word < common.length; word += 1) {
    planes.fill(0);
    for (const bits of groups) {
      let carry = bits[word] as number;
      for (let plane = 0; carry !== 0; plane += 1) {
        const held = planes[plane] as number;
        planes[plane] = held ^ carry;
        carry &= held;
      }
    }
    common[word] = atLeast(planes, least);
  }
  return common;
}

/** The slots whose count is `least` or more. */
function atLeast(planes: Int32Array, least: number): number {
  let more = 0;
  let equal = -1;
  for (let plane = planes.length - 1; plane >= 0; plane -= 1) {
    const held = planes[plane] as number;
    if (((least >>> plane) & 1) === 0) {
      more |= equal & held;
      equal &= ~held;
    } else equal &= held;
  }
  return more | equal;
}

function countBits(bits: Uint32Array, without: Uint32Array | null): number {
  let count = 0;
  for (let word = 0; word < bits.length; word += 1) {
    let rest = without ? (bits[word] as number) & ~(without[word] as number) : (bits[word] as number);
    rest -= (rest >>> 1) & 0x55555555;
    rest = (rest & 0x33333333) + ((rest >>> 2) & 0x33333333);
    count += Math.imul((rest + (rest >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
  }
  return count;
}
