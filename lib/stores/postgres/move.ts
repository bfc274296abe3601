import { StoreError } from "@/lib/errors";
import type { Cursor } from "@/lib/stores/batch";
import { type DigestSum, emptyDigest, joinDigests } from "@/lib/stores/digest";
import type { PgHandle, Session } from "@/lib/stores/postgres/client";
import { digestHexSql, digestSums, sumOf } from "@/lib/stores/postgres/digest-sql";
import { sqlState } from "@/lib/stores/postgres/errors";
import { lockShapes, refuseCascades, requireAllColumns, requireKeys } from "@/lib/stores/postgres/guard";
import { keyOf, keyOutputs } from "@/lib/stores/postgres/keys";
import type { PgColumn } from "@/lib/stores/postgres/mapper";
import { columnList, memberAt, memberCondition, type Slice } from "@/lib/stores/postgres/scope-sql";
import {
  columnOf,
  type PgMember,
  type PgScope,
  resolveScope,
  type Shapes,
} from "@/lib/stores/postgres/shapes";
import { col, ident, parameters, tableName, type Values } from "@/lib/stores/postgres/sql";
import { nextSlice } from "@/lib/stores/postgres/window";
import type { FamilyScope, MoveOptions, MoveResult } from "@/lib/stores/rows";
import type { TableRef } from "@/lib/stores/table";

/** A row changed under us, or was locked: the next try sees it as it is now. */
const TRIES = 3;

interface Moved {
  source: DigestSum;
  target: DigestSum;
  bytes: number;
}

/** From so many rows on a slice is moved by two connections at once: two digests cost more than the move. */
const SPLIT_ROWS = 500;

/** What a call works on, the same for both halves. */
interface Job {
  handle: PgHandle;
  shapes: Shapes;
  family: FamilyScope;
  targets: readonly TableRef[];
  options: MoveOptions;
  signal: AbortSignal;
}

/**
 * Moves the next slice of a family into the archive tables, each half in one transaction with one view of the
 * data, children before parents; rows never leave the server. What left and what arrived is digested on each
 * side; a difference undoes it and throws corrupt. A row that lies in the archive already, equal, is only deleted
 * here; a different one throws conflict with its key. Idempotent: a slice that was moved is empty.
 *
 * The halves are worked on at the same time and committed in order: what is reported is what was moved, and when
 * the second fails, `end` is the end of the first.
 */
export async function moveRows(
  handle: PgHandle,
  shapes: Shapes,
  family: FamilyScope,
  targets: readonly TableRef[],
  options: MoveOptions,
  signal: AbortSignal,
): Promise<MoveResult> {
  const job = { handle, shapes, family, targets, options, signal };
  const found = await handle.run({ signal, timeoutMs: options.statementTimeoutMs }, async (session) => {
    const scope = await resolveScope(session, shapes, family);
    await session.query(planning(scope));
    return nextSlice(session, scope, options.after, options.maxRows);
  });
  if (!found) return nothing(family);
  if (found.rowCount < SPLIT_ROWS || !found.middle || handle.options.connections < 2) {
    return retried(job, { after: options.after, upTo: found.end }, null);
  }
  return halves(job, found.middle, found.end);
}

async function halves(job: Job, middle: Cursor, end: Cursor): Promise<MoveResult> {
  const first = retried(job, { after: job.options.after, upTo: middle }, null);
  const second = retried(job, { after: middle, upTo: end }, first);
  const [one, two] = await Promise.allSettled([first, second]);
  if (one.status === "rejected") throw one.reason;
  if (two.status === "fulfilled") return added(one.value, two.value);
  return answerLost(two.reason) ? { ...one.value, unsure: true } : one.value;
}

/** No word of the server on its COMMIT: whether it was undone cannot be told. */
const answerLost = (error: unknown): boolean =>
  error instanceof StoreError &&
  (error.code === "unreachable" || error.code === "cancelled" || error.key === "postgres.noAnswerInTime");

const added = (a: MoveResult, b: MoveResult): MoveResult => ({
  end: b.end,
  source: a.source.map((sum, at) => joinDigests(sum, b.source[at] ?? emptyDigest())),
  target: a.target.map((sum, at) => joinDigests(sum, b.target[at] ?? emptyDigest())),
  movedBytes: a.movedBytes + b.movedBytes,
});

async function retried(job: Job, slice: Slice, before: Promise<unknown> | null): Promise<MoveResult> {
  let duplicates = false;
  for (let attempt = 1; ; attempt++) {
    try {
      return await once(job, slice, before, duplicates);
    } catch (error) {
      const state = sqlState(error);
      if (state === "23505" && !duplicates) duplicates = true;
      else if (state !== "40001" && state !== "40P01") throw error;
      if (attempt >= TRIES) throw error;
    }
  }
}

function once(
  { handle, shapes, family, targets, options, signal }: Job,
  slice: Slice,
  before: Promise<unknown> | null,
  duplicates: boolean,
): Promise<MoveResult> {
  const run = {
    signal,
    transaction: "snapshotWrite",
    timeoutMs: options.statementTimeoutMs,
    lockTimeoutMs: options.lockTimeoutMs,
  } as const;
  return handle.run(run, async (session) => {
    await lockShapes(session, family);
    const scope = await resolveScope(session, shapes, family);
    requireKeys(scope);
    requireAllColumns(scope);
    refuseCascades(scope);
    await session.query(planning(scope));
    const result = await new Move(session, shapes, scope, slice, targets).run(duplicates, slice.upTo);
    // Throws when the half before this one failed: then this one is undone too.
    await before;
    return result;
  });
}

const nothing = (scope: FamilyScope): MoveResult => ({
  end: null,
  source: scope.members.map(emptyDigest),
  target: scope.members.map(emptyDigest),
  movedBytes: 0,
});

/**
 * A slice is small beside its table, whatever the statistics say: with an index that begins with the time, the
 * planner is kept from reading the whole table. The rows of one batch fit into work_mem, else they go to disk.
 */
function planning(scope: PgScope): string {
  const [root] = scope.members;
  const indexed = root.shape.indexes.some(
    (index) => index.valid && index.method === "btree" && index.columns[0] === scope.time.column,
  );
  return `SET LOCAL work_mem = '128MB'${indexed ? "; SET LOCAL enable_seqscan = off" : ""}`;
}

class Move {
  constructor(
    private readonly session: Session,
    private readonly shapes: Shapes,
    private readonly scope: PgScope,
    private readonly slice: Slice,
    private readonly targets: readonly TableRef[],
  ) {}

  async run(duplicates: boolean, end: Cursor | null): Promise<MoveResult> {
    const moved: Moved[] = [];
    for (let index = this.scope.members.length - 1; index >= 0; index--) {
      const before = duplicates ? await this.dropDuplicates(index) : null;
      const now = await this.moveMember(index);
      moved[index] = before ? join(before, now) : now;
    }
    return {
      end,
      source: moved.map((one) => one.source),
      target: moved.map((one) => one.target),
      movedBytes: moved.reduce((sum, one) => sum + one.bytes, 0),
    };
  }

  private async moveMember(index: number): Promise<Moved> {
    const member = memberAt(this.scope, index);
    const { sql, values } = await this.statement(index);
    const [row] = await this.session.query(sql, values.params);
    const source = sumOf(row, "s_");
    const target = sumOf(row, "t_");
    if (!equal(source, target)) throw differs(member, this.target(index));
    return { source, target, bytes: Number(row?.bytes ?? 0) };
  }

  async statement(index: number): Promise<{ sql: string; values: Values }> {
    const target = await this.shapes.of(this.session, this.target(index));
    const values = parameters();
    return {
      sql: moveSql(
        this.scope,
        index,
        this.slice,
        target.ref,
        targetColumns(this.scope, index, target.columns),
        values,
      ),
      values,
    };
  }

  /**
   * Rows of the slice that the archive holds already: equal ones leave the hot table, a different one throws. The
   * archived ones are locked first: one that somebody is deleting (a restore whose worker was taken for dead) would
   * still be seen, and the row be gone from both.
   */
  private async dropDuplicates(index: number): Promise<Moved> {
    const member = memberAt(this.scope, index);
    const target = this.target(index);
    const values = parameters();
    const where = memberCondition(this.scope, index, this.slice, "r", values);
    const both = member.key
      .map((column) => `${col("r", column.name)} = ${col("a", column.name)}`)
      .join(" AND ");
    const archived = digestHexSql("a", await this.archiveColumns(index));
    const rows = await this.session.query(
      `WITH same AS (
         SELECT ${digestHexSql("r", member.columns)} AS hot, ${archived} AS archived, ${keyOutputs(member.key, "r")}
           FROM ${tableName(member.table)} r JOIN ${tableName(target)} a ON ${both} WHERE ${where} FOR SHARE OF a)
       SELECT * FROM same WHERE hot <> archived LIMIT 1`,
      values.params,
    );
    const [bad] = rows;
    if (bad) throw conflict(member, target, keyOf(member.key, bad).join(", "));
    const again = parameters();
    const [row] = await this.session.query(
      `WITH d AS (
         DELETE FROM ${tableName(member.table)} r USING ${tableName(target)} a
          WHERE ${both} AND ${memberCondition(this.scope, index, this.slice, "r", again)}
          RETURNING ${digestHexSql("r", member.columns)} AS hot, ${archived} AS archived)
       SELECT ${prefixed("s_", "hot")}, ${prefixed("t_", "archived")} FROM d`,
      again.params,
    );
    return { source: sumOf(row, "s_"), target: sumOf(row, "t_"), bytes: 0 };
  }

  private async archiveColumns(index: number): Promise<PgColumn[]> {
    const target = await this.shapes.of(this.session, this.target(index));
    return memberAt(this.scope, index).columns.map((column) => columnOf(target, column.name));
  }

  private target(index: number): TableRef {
    const target = this.targets[index];
    if (target) return target;
    throw new StoreError("bad_input", "Each member of a family needs a target table.");
  }
}

/** The columns as the target has them: its types, and whether it computes them itself. */
function targetColumns(scope: PgScope, index: number, columns: readonly PgColumn[]): PgColumn[] {
  return memberAt(scope, index).columns.map(
    (column) => columns.find((one) => one.name === column.name) ?? column,
  );
}

/** One statement per member and slice: it deletes, inserts, and digests both sides. */
export function moveSql(
  scope: PgScope,
  index: number,
  slice: Slice,
  target: TableRef,
  into: readonly PgColumn[],
  values: Values,
): string {
  const member = memberAt(scope, index);
  const written = into.filter((column) => column.generated !== "stored");
  const list = columnList(written);
  return `WITH d AS (
  DELETE FROM ${tableName(member.table)} r WHERE ${memberCondition(scope, index, slice, "r", values)}
  RETURNING ${written.map((column) => col("r", column.name)).join(", ")}, ${digestHexSql("r", member.columns)} AS "strata digest", ${storedSize(member.columns)} AS "strata size"
), i AS (
  INSERT INTO ${tableName(target)} AS a (${list}) OVERRIDING SYSTEM VALUE SELECT ${list} FROM d
  RETURNING ${digestHexSql("a", into)} AS digest
)
SELECT ${prefixed("s_", ident("strata digest"), "FROM d")}, ${prefixed("t_", "digest", "FROM i")}, (SELECT coalesce(sum("strata size"), 0) FROM d)::text AS bytes`;
}

/** digestSums under prefixed names; with `from`, each as a scalar subquery. */
function prefixed(prefix: string, digest: string, from = ""): string {
  return digestSums(digest)
    .map(({ name, sql }) =>
      from ? `(SELECT ${sql} ${from}) AS ${prefix}${name}` : `${sql} AS ${prefix}${name}`,
    )
    .join(", ");
}

/** Bytes a row takes as stored: compressed and out-of-line values count as they lie. */
function storedSize(columns: readonly PgColumn[]): string {
  const wide = columns.filter((column) => column.variableWidth);
  const fixed = 24 + 8 * (columns.length - wide.length);
  return [
    String(fixed),
    ...wide.map((column) => `coalesce(pg_column_size(${col("r", column.name)}), 0)`),
  ].join(" + ");
}

const equal = (a: DigestSum, b: DigestSum) =>
  a.rowCount === b.rowCount && a.high === b.high && a.low === b.low;

const join = (a: Moved, b: Moved): Moved => ({
  source: joinDigests(a.source, b.source),
  target: joinDigests(a.target, b.target),
  bytes: a.bytes + b.bytes,
});

const differs = (member: PgMember, target: TableRef) =>
  new StoreError(
    "corrupt",
    `What arrived in ${target.schema}.${target.name} is not what left ${member.table.schema}.${member.table.name} (a trigger, a rule, or a narrower column). Nothing was moved.`,
    {
      key: "postgres.movedDiffers",
      details: {
        table: `${member.table.schema}.${member.table.name}`,
        target: `${target.schema}.${target.name}`,
      },
    },
  );

const conflict = (member: PgMember, target: TableRef, key: string) =>
  new StoreError(
    "conflict",
    `The row ${key} of ${member.table.schema}.${member.table.name} is in ${target.schema}.${target.name} already, with other content. Nothing was moved. Compare the two and remove one.`,
    {
      key: "postgres.archiveConflict",
      details: {
        table: `${member.table.schema}.${member.table.name}`,
        target: `${target.schema}.${target.name}`,
        row: key,
      },
    },
  );
