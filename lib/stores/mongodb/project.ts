import type { Layout, Value, Vector } from "@/lib/stores/batch";
import { eachField, fieldName, latin1Name, type Place, placeOf } from "@/lib/stores/mongodb/bson";
import { cellOf } from "@/lib/stores/mongodb/cell";
import { ejsonOf, exactName, Unsayable } from "@/lib/stores/mongodb/ejson-write";
import { keyText } from "@/lib/stores/mongodb/key-text";
import { EXTRA_COLUMN, KEY_COLUMN } from "@/lib/stores/mongodb/layout";

/** In `_extra`: the document's field names, where their order is not that of columns and then the rest. */
export const ORDER = "$order";
/** In `_extra`: the whole document as BSON in base64, where columns and EJSON together cannot say it exactly. */
export const RAW = "$strataBson";

/** Documents become rows of a layout: each field in its column, and in `_extra` exactly what columns cannot hold. */
export class Projector {
  private readonly columnOf = new Map<string, number>();
  private readonly columns: Value[][];
  private readonly keyAt: number;
  private readonly extraAt: number;
  rowCount = 0;
  sizeBytes = 0;

  constructor(private readonly layout: Layout) {
    this.columns = layout.map(() => []);
    this.keyAt = layout.findIndex(({ name }) => name === KEY_COLUMN);
    this.extraAt = layout.findIndex(({ name }) => name === EXTRA_COLUMN);
    for (const [at, { name }] of layout.entries()) {
      if (name !== EXTRA_COLUMN) this.columnOf.set(latin1Name(name), at);
    }
  }

  add(bytes: Buffer): void {
    const row = this.rowCount;
    for (const values of this.columns) values.push(null);
    try {
      this.set(this.extraAt, row, this.fields(bytes, row));
    } catch (error) {
      if (!(error instanceof Unsayable)) throw error;
      this.whole(bytes, row);
    }
    this.rowCount += 1;
    this.sizeBytes += bytes.length;
  }

  vectors(): Vector[] {
    return this.layout.map(({ name, physical, sourceType }, at) => ({
      name,
      physical,
      sourceType,
      values: this.columns[at] ?? [],
      exact: NO_EXACT,
    }));
  }

  /** Fills the columns and returns what they cannot hold; null when they hold everything. */
  private fields(bytes: Buffer, row: number): string | null {
    const extra: string[] = [];
    const names: string[] = [];
    let last = -1;
    let ordered = true;
    eachField(bytes, 0, (latin1, type, from, until) => {
      const at = this.columnOf.get(latin1) ?? Number.POSITIVE_INFINITY;
      names.push(latin1);
      if (at < last || (at === last && Number.isFinite(at))) ordered = false;
      last = at;
      const place = { bytes, type, from, until };
      if (Number.isFinite(at) && this.setCell(at, row, place)) return;
      const name = exactName(latin1);
      if (name === ORDER || name === RAW) throw new Unsayable("a name of ours");
      extra.push(`${JSON.stringify(name)}:${ejsonOf(place)}`);
    });
    if (!ordered || extra.length > 0) refuseDoubles(names);
    if (!ordered) extra.push(`"${ORDER}":${JSON.stringify(names.map(fieldName))}`);
    return extra.length === 0 ? null : `{${extra.join(",")}}`;
  }

  /** True when the column alone tells the value. */
  private setCell(at: number, row: number, place: Place): boolean {
    const values = this.columns[at];
    const column = this.layout[at];
    if (!values || !column) return false;
    if (at === this.keyAt) {
      values[row] = Buffer.from(keyText(place), "utf8");
      return true;
    }
    const { value, whole } = cellOf(place, column);
    values[row] = value;
    return whole;
  }

  /** Columns show what they can; `_extra` alone counts. */
  private whole(bytes: Buffer, row: number): void {
    for (const values of this.columns) values[row] = null;
    const key = placeOf(bytes, KEY_COLUMN);
    if (key) this.set(this.keyAt, row, keyText(key));
    eachField(bytes, 0, (latin1, type, from, until) => {
      const at = this.columnOf.get(latin1);
      if (at === undefined || at === this.keyAt) return;
      try {
        this.setCell(at, row, { bytes, type, from, until });
      } catch (error) {
        if (!(error instanceof Unsayable)) throw error;
      }
    });
    this.set(this.extraAt, row, `{"${RAW}":"${bytes.toString("base64")}"}`);
  }

  private set(at: number, row: number, text: string | null): void {
    const values = this.columns[at];
    if (values && text !== null) values[row] = Buffer.from(text, "utf8");
  }
}

const NO_EXACT: ReadonlyMap<number, string> = new Map();

/** BSON allows a name twice, EJSON does not. Two of one column are out of order, so this is asked only then. */
function refuseDoubles(names: readonly string[]): void {
  if (new Set(names).size !== names.length) throw new Unsayable("a name that is there twice");
}
