import { StoreError } from "@/lib/errors";
import type { LogHandle } from "@/lib/stores/logstore/client";
import { describeLogstore, type LogShape } from "@/lib/stores/logstore/describe";
import { identifier } from "@/lib/stores/logstore/literal";
import type { LogColumn } from "@/lib/stores/logstore/mapper";
import { columnNamed, type LogScope, tableName } from "@/lib/stores/logstore/sql";
import { ISO_STYLE, styleOf, type TimeStyle } from "@/lib/stores/logstore/time";
import type { FamilyMember, FamilyScope } from "@/lib/stores/rows";
import type { TableRef, TimeColumn } from "@/lib/stores/table";

const REMEMBERED_MS = 30_000;
const SAMPLES = 50;

interface Known {
  shape: LogShape;
  styles: Map<string, TimeStyle>;
  untilMs: number;
}

/** Shapes of logstores, and how their fields spell times, asked for every half a minute. */
export class Shapes {
  private readonly known = new Map<string, Known>();

  constructor(private readonly handle: LogHandle) {}

  async shape(ref: TableRef, signal: AbortSignal): Promise<LogShape> {
    return (await this.entry(ref, signal)).shape;
  }

  /** What a call is about. Throws not_found for a logstore that is gone, stale_plan for a field that is. */
  async scope(
    member: Pick<FamilyMember, "table" | "key" | "columns">,
    time: TimeColumn | null,
    range: Pick<FamilyScope, "fromUs" | "untilUs">,
    signal: AbortSignal,
  ): Promise<LogScope> {
    const entry = await this.entry(member.table, signal);
    const { shape } = entry;
    const column = time && timeColumn(shape, time);
    return {
      shape,
      key: member.key.map((name) => columnNamed(shape, name)),
      columns:
        member.columns.length > 0 ? member.columns.map((name) => columnNamed(shape, name)) : shape.columns,
      time: time && column ? { column, unit: time.unit } : null,
      style: column?.textTime ? await this.style(entry, column, signal) : ISO_STYLE,
      fromUs: range.fromUs,
      untilUs: range.untilUs,
    };
  }

  forget(): void {
    this.known.clear();
  }

  private async entry(ref: TableRef, signal: AbortSignal): Promise<Known> {
    const id = JSON.stringify(ref);
    const held = this.known.get(id);
    if (held && held.untilMs > Date.now()) return held;
    const shape = await describeLogstore(this.handle, ref, signal);
    const entry = { shape, styles: new Map<string, TimeStyle>(), untilMs: Date.now() + REMEMBERED_MS };
    this.known.set(id, entry);
    return entry;
  }

  private async style({ shape, styles }: Known, column: LogColumn, signal: AbortSignal): Promise<TimeStyle> {
    const held = styles.get(column.name);
    if (held) return held;
    const name = identifier(column.name);
    const rows = await this.handle.query(
      `SELECT ${name} FROM ${tableName(shape.ref)} WHERE ${name} <> '' LIMIT ${SAMPLES}`,
      signal,
    );
    const texts = rows.flatMap(([text]) => (text ? [text] : []));
    const style = styleOf(texts);
    // An empty logstore tells nothing: its first rows may be spelled otherwise.
    if (texts.length > 0) styles.set(column.name, style);
    return style;
  }
}

/** A text that was named as the time holds instants, whatever its name. */
function timeColumn(shape: LogShape, { column: name, unit }: TimeColumn): LogColumn {
  const column = columnNamed(shape, name);
  const clock = unit === "timestamp" || unit === "timestamptz" || unit === "date";
  return clock && column.physical === "text" ? { ...column, textTime: true } : column;
}

/** The one member there is: logstores know no families. */
export function onlyMember(scope: FamilyScope): FamilyMember {
  const [member, ...more] = scope.members;
  if (member && more.length === 0) return member;
  throw new StoreError("refused", "Logstores stand alone: no rows hang on others. Nothing was changed.", {
    key: "logstore.noFamilies",
  });
}
