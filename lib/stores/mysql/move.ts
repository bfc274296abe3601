import { StoreError } from "@/lib/errors";
import type { Cursor, RowKey } from "@/lib/stores/batch";
import { type DigestSum, emptyDigest, joinDigests } from "@/lib/stores/digest";
import type { MyHandle, Session } from "@/lib/stores/mysql/client";
import { sumOf } from "@/lib/stores/mysql/digest-sql";
import { errorNumber } from "@/lib/stores/mysql/errors";
import { requireMovable, requireTransactions, tooLong } from "@/lib/stores/mysql/guard";
import { type MoveTarget, moveStatements } from "@/lib/stores/mysql/move-sql";
import { keyOf, keyOutputs } from "@/lib/stores/mysql/row-digests";
import {
  chunks,
  KEYS_PER_LIST,
  keyedTable,
  keyId,
  keysCondition,
  memberCondition,
  memberTable,
  type Slice,
} from "@/lib/stores/mysql/scope-sql";
import {
  columnOf,
  type MyMember,
  type MyScope,
  memberAt,
  resolveScope,
  type Shapes,
} from "@/lib/stores/mysql/shapes";
import { nextSlice } from "@/lib/stores/mysql/window";
import type { FamilyScope, MoveOptions, MoveResult } from "@/lib/stores/rows";
import type { TableRef } from "@/lib/stores/table";

/** A row changed under us: the next try sees it as it is now. */
const TRIES = 4;

/** Rows of one statement: few enough that the proof of the first begins soon after the move, and enough to be worth it. */
const PART_ROWS = 1_000;

/** So many parts the copying may be ahead of the proof: further, and their pages leave the server's memory meanwhile. */
const LEAD = 2;

interface Moved {
  source: DigestSum;
  target: DigestSum;
  bytes: number;
}

/** What a call works on. */
interface Job {
  handle: MyHandle;
  shapes: Shapes;
  family: FamilyScope;
  targets: readonly TableRef[];
  options: MoveOptions;
  signal: AbortSignal;
}

/**
 * Moves the next slice of a family into the archive tables in one transaction, children before parents; rows never
 * leave the server, only their keys do. Rows are locked as they are copied, both copies are digested by the server,
 * and as many rows must arrive and leave as were named; a difference undoes it and throws corrupt. A row that lies in
 * the archive already, equal, is only deleted here; a different one throws conflict with its key. Idempotent.
 *
 * One connection moves and another one proves, at the same time: it reads what is not committed yet, which nobody else
 * can change, and only what it found equal is deleted. (Two that both move stand in each other's way: in the locks of
 * a range's end, and in the pages that rows leave and arrive in.)
 */
export async function moveRows(
  handle: MyHandle,
  shapes: Shapes,
  family: FamilyScope,
  targets: readonly TableRef[],
  options: MoveOptions,
  signal: AbortSignal,
): Promise<MoveResult> {
  const found = await handle.run({ signal, timeoutMs: options.statementTimeoutMs }, async (session) =>
    nextSlice(session, await resolveScope(session, shapes, family), options.after, options.maxRows),
  );
  if (!found) return nothing(family);
  const slice = { after: options.after, upTo: found.end };
  return retried({ handle, shapes, family, targets, options, signal }, slice);
}

async function retried(job: Job, slice: Slice): Promise<MoveResult> {
  let duplicates = false;
  for (let attempt = 1; ; attempt++) {
    try {
      return await once(job, slice, duplicates);
    } catch (error) {
      const number = errorNumber(error);
      if (number === 1062 && !duplicates) duplicates = true;
      else if (number !== 1213 && !(error instanceof Disturbed)) throw error;
      if (attempt >= TRIES) throw error;
    }
  }
}

/** A row came into the slice between two statements: nothing is wrong, and the next try takes it along. */
class Disturbed extends StoreError {
  constructor(member: MyMember) {
    const table = `${member.table.schema}.${member.table.name}`;
    super(
      "timeout",
      `Rows of ${table} came or went while they were moved. Nothing was moved; it can be tried again.`,
      {
        key: "mysql.serialization",
        details: { server: "" },
        retryable: true,
      },
    );
  }
}

function once(
  { handle, shapes, family, targets, options, signal }: Job,
  slice: Slice,
  duplicates: boolean,
): Promise<MoveResult> {
  const run = {
    signal,
    transaction: "write",
    timeoutMs: options.statementTimeoutMs,
    lockTimeoutMs: options.lockTimeoutMs,
    // The digests tell whether a value was cut; strict mode would refuse odd dates and enums that lie there already.
    mode: "loose",
  } as const;
  return handle.run(run, async (session) => {
    const scope = await resolveScope(session, shapes, family);
    requireMovable(scope);
    const work = (prover: Session) =>
      new Move(session, prover, shapes, scope, slice, targets).run(duplicates, slice.upTo);
    if (handle.options.connections < 2) return work(session);
    return handle.run({ ...run, transaction: "dirtyRead" }, work);
  });
}

const nothing = (scope: FamilyScope): MoveResult => ({
  end: null,
  source: scope.members.map(emptyDigest),
  target: scope.members.map(emptyDigest),
  movedBytes: 0,
});

class Move {
  constructor(
    private readonly session: Session,
    /** Sees what `session` has not committed yet. */
    private readonly prover: Session,
    private readonly shapes: Shapes,
    private readonly scope: MyScope,
    private readonly slice: Slice,
    private readonly targets: readonly TableRef[],
  ) {}

  async run(duplicates: boolean, end: Cursor | null): Promise<MoveResult> {
    const moved: Moved[] = [];
    // Whoever adds a child under a foreign key waits until its parent is gone or stays.
    if (this.scope.members.length > 1) await this.lockRoots();
    for (let index = this.scope.members.length - 1; index >= 0; index--)
      moved[index] = await this.moveMember(index, duplicates);
    return {
      end,
      source: moved.map((one) => one.source),
      target: moved.map((one) => one.target),
      movedBytes: moved.reduce((sum, one) => sum + one.bytes, 0),
    };
  }

  private async lockRoots(): Promise<void> {
    const root = memberAt(this.scope, 0);
    for (const keys of chunks(await this.keys(0), KEYS_PER_LIST))
      await this.session.query(
        `SELECT 1 FROM ${keyedTable(root, "r")} WHERE ${keysCondition(root.key, keys, "r")} FOR UPDATE`,
      );
  }

  /** Keys of the member's rows in the slice, without a lock. */
  private async keys(index: number): Promise<RowKey[]> {
    const member = memberAt(this.scope, index);
    const where = memberCondition(this.scope, index, this.slice, "r");
    const rows = await this.session.query(
      `SELECT ${keyOutputs(member, "r")} FROM ${memberTable(this.scope, index, "r")} WHERE ${where}`,
    );
    return rows.map((row) => keyOf(member, row));
  }

  private async moveMember(index: number, duplicates: boolean): Promise<Moved> {
    const member = memberAt(this.scope, index);
    const target = await this.shapes.of(this.session, this.target(index));
    requireTransactions(target);
    const columns = member.columns.map((column) => columnOf(target, column.name));
    const into = { table: target.ref, columns };
    const parts = [...chunks(await this.keys(index), PART_ROWS)];
    const proofs: Promise<Moved>[] = [];
    let moved: Moved = { source: emptyDigest(), target: emptyDigest(), bytes: 0 };
    const settle = async (at: number) => {
      const proof = await proofs[at];
      const keys = parts[at];
      if (!proof || !keys) return;
      moved = join(moved, proof);
      const gone = await this.session.execute(moveStatements(member, into, keys).remove);
      if (gone !== keys.length) throw new Disturbed(member);
    };
    for (const [at, keys] of parts.entries()) {
      await this.copy(member, into, keys, duplicates);
      const proof = this.compare(member, into, keys);
      // It is awaited by `settle`; until then a failure is nobody's.
      proof.catch(() => undefined);
      proofs.push(proof);
      if (at >= LEAD) await settle(at - LEAD);
    }
    for (let at = Math.max(0, parts.length - LEAD); at < parts.length; at++) await settle(at);
    return moved;
  }

  private async copy(
    member: MyMember,
    into: MoveTarget,
    keys: readonly RowKey[],
    duplicates: boolean,
  ): Promise<void> {
    const there = duplicates ? await this.archived(member, into, keys) : new Set<string>();
    const fresh = keys.filter((key) => !there.has(keyId(key)));
    if (fresh.length === 0) return;
    const copied = await this.session.execute(moveStatements(member, into, fresh).copy);
    if (copied !== fresh.length) throw new Disturbed(member);
  }

  private async compare(member: MyMember, into: MoveTarget, keys: readonly RowKey[]): Promise<Moved> {
    const [row] = await this.prover.query(moveStatements(member, into, keys).compare);
    if (row?.s_none !== "0" || row.t_none !== "0") throw tooLong(member, this.session.server.maxPacketBytes);
    const source = sumOf(row, "s_");
    const target = sumOf(row, "t_");
    if (source.rowCount !== BigInt(keys.length)) throw new Disturbed(member);
    if (!equal(source, target)) throw differs(member, into.table);
    return { source, target, bytes: Number(row.bytes ?? 0) };
  }

  /** Keys that the archive holds already, equal; a different one throws. */
  private async archived(member: MyMember, into: MoveTarget, keys: readonly RowKey[]): Promise<Set<string>> {
    const rows = await this.session.query(moveStatements(member, into, keys).archived);
    const bad = rows.find((row) => row.same !== "1");
    if (bad) throw conflict(member, into.table, keyOf(member, bad).join(", "));
    return new Set(rows.map((row) => keyId(keyOf(member, row))));
  }

  private target(index: number): TableRef {
    const target = this.targets[index];
    if (target) return target;
    throw new StoreError("bad_input", "Each member of a family needs a target table.");
  }
}

const equal = (a: DigestSum, b: DigestSum) =>
  a.rowCount === b.rowCount && a.high === b.high && a.low === b.low;

const join = (a: Moved, b: Moved): Moved => ({
  source: joinDigests(a.source, b.source),
  target: joinDigests(a.target, b.target),
  bytes: a.bytes + b.bytes,
});

const names = (member: MyMember, target: TableRef) => ({
  table: `${member.table.schema}.${member.table.name}`,
  target: `${target.schema}.${target.name}`,
});

const differs = (member: MyMember, target: TableRef) =>
  new StoreError(
    "corrupt",
    `What arrived in ${names(member, target).target} is not what left ${names(member, target).table} (a trigger, or a narrower column). Nothing was moved.`,
    { key: "mysql.movedDiffers", details: names(member, target) },
  );

const conflict = (member: MyMember, target: TableRef, key: string) =>
  new StoreError(
    "conflict",
    `The row ${key} of ${names(member, target).table} is in ${names(member, target).target} already, with other content. Nothing was moved. Compare the two and remove one.`,
    { key: "mysql.archiveConflict", details: { ...names(member, target), row: key } },
  );
