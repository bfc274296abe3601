import type { Layout, Physical } from "@/lib/stores/batch";
import { eachField, fieldName, T, TYPE_NAMES } from "@/lib/stores/mongodb/bson";

export const KEY_COLUMN = "_id";
export const EXTRA_COLUMN = "_extra";
/** Columns of a collection at most; fields beyond them stay in `_extra`. */
const MAX_COLUMNS = 2_000;
/** Doubles from here on that are whole may be instants in seconds or finer: see `columnOf`. */
const EPOCH_LIKE = 1e8;

export type LayoutColumn = Layout[number];

const KEY: LayoutColumn = { name: KEY_COLUMN, physical: "text", sourceType: "any" };
const EXTRA: LayoutColumn = { name: EXTRA_COLUMN, physical: "text", sourceType: "ejson" };

/** Type name → the name that stands in a layout, where it differs: a BSON date is an instant, not a day. */
const NAMES: Readonly<Record<string, string>> = { date: "timestamptz" };
const PHYSICAL: Readonly<Record<string, Physical>> = {
  int: "int64",
  long: "int64",
  double: "float64",
  bool: "bool",
  timestamptz: "timestamptz",
};

/**
 * Whether a field can be a column. Names with dots or dollars have a meaning of their own in queries, and those of our
 * own columns are taken: such fields stay in `_extra`.
 */
export const canBeColumn = (name: string): boolean =>
  name !== "" && name !== EXTRA_COLUMN && !/[.$]|^_strata_/i.test(name);

interface Seen {
  types: Map<string, number>;
  epochLike: boolean;
}

/**
 * The columns of a collection by a sample of its documents: `_id`, one per field that is no exception, in the order
 * the documents have them, and `_extra`. A column has the type that most of its values have. `names` are fields that
 * must be there whatever the sample says, such as those of indexes.
 */
export function layoutOf(documents: readonly Buffer[], names: readonly string[]): Layout {
  const order: string[] = [];
  const seen = new Map<string, Seen>();
  for (const bytes of documents) noteFields(bytes, order, seen);
  for (const name of names) {
    if (seen.has(name) || !canBeColumn(name) || name === KEY_COLUMN) continue;
    order.push(name);
    seen.set(name, { types: new Map(), epochLike: false });
  }
  const columns = order.slice(0, MAX_COLUMNS).map((name) => columnOf(name, seen.get(name)));
  return [KEY, ...columns, EXTRA];
}

/** A name that is new stands after the one before it in its document. */
function noteFields(bytes: Buffer, order: string[], seen: Map<string, Seen>): void {
  let before = -1;
  eachField(bytes, 0, (latin1, type, from) => {
    const name = fieldName(latin1);
    if (name === KEY_COLUMN || !canBeColumn(name) || name.includes("\ufffd")) return;
    let held = seen.get(name);
    if (!held) {
      held = { types: new Map(), epochLike: true };
      seen.set(name, held);
      order.splice(before + 1, 0, name);
    }
    before = order.indexOf(name, Math.max(0, before));
    if (before < 0) before = order.indexOf(name);
    const typeName = TYPE_NAMES[type] ?? "null";
    if (type === T.null || type === T.undefined) return;
    held.types.set(typeName, (held.types.get(typeName) ?? 0) + 1);
    if (type === T.double) {
      const value = bytes.readDoubleLE(from);
      held.epochLike &&= Number.isSafeInteger(value) && value >= EPOCH_LIKE;
    }
  });
}

/**
 * Drivers for JavaScript write Date.now() as a double: a column whose doubles are all whole and large holds whole
 * numbers, so that it can be a time. What does not fit stays in `_extra`.
 */
function columnOf(name: string, held: Seen | undefined): LayoutColumn {
  const [most] = [...(held?.types ?? [])].sort((a, b) => b[1] - a[1]);
  const found = most?.[0] ?? "string";
  const sourceType = NAMES[found] ?? found;
  if (sourceType === "double" && held?.epochLike) return { name, physical: "int64", sourceType };
  return { name, physical: PHYSICAL[sourceType] ?? "text", sourceType };
}
