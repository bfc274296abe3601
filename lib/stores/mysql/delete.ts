import { createHash } from "node:crypto";
import { StoreError } from "@/lib/errors";
import type { RowKey } from "@/lib/stores/batch";
import { addDigests, emptyDigest } from "@/lib/stores/digest";
import type { MyHandle, Session } from "@/lib/stores/mysql/client";
import { digestHexSql } from "@/lib/stores/mysql/digest-sql";
import { requireMovable } from "@/lib/stores/mysql/guard";
import { digestOf, digestsByKey, existingKeys, keyOf, keyOutputs } from "@/lib/stores/mysql/row-digests";
import {
  chunks,
  joinUp,
  KEYS_PER_LIST,
  keyedTable,
  keyId,
  keysCondition,
  memberTable,
} from "@/lib/stores/mysql/scope-sql";
import { type MyMember, type MyScope, memberAt, resolveScope, type Shapes } from "@/lib/stores/mysql/shapes";
import { literal } from "@/lib/stores/mysql/sql";
import type { DeleteResult, ExportedRows, FamilyScope } from "@/lib/stores/rows";

type Kept = DeleteResult["kept"][number];
type Reason = Kept["reason"];

/** What was exported of one member, its parts joined; digests in hex. */
interface Exported {
  keys: RowKey[];
  digests: string[];
  /** Key → position. */
  at: Map<string, number>;
}

/** A row of a member that hangs on a root row: both by their position in what was exported. */
interface Hanging {
  root: number;
  /** -1: it was not exported. */
  at: number;
  state: "same" | "changed" | "newChild" | "locked";
}

const LOCK_TIMEOUT_MS = 2_000;
/** How long an earlier deletion of the same family is waited for. */
const FAMILY_LOCK_S = 50;

/**
 * Deletes exported rows, family by family, in one transaction: root rows are locked and compared by digest, then
 * everything that hangs on them; a family in which anything changed, appeared or is locked stays whole. Rows that are
 * gone already are not mentioned. Under 10,000 root keys a call is a good size.
 */
export async function deleteRows(
  handle: MyHandle,
  shapes: Shapes,
  family: FamilyScope,
  parts: readonly ExportedRows[],
  signal: AbortSignal,
  stillOurs: () => Promise<void> = async () => undefined,
): Promise<DeleteResult> {
  let refusal: unknown = null;
  const ask = () =>
    stillOurs().catch((error: unknown) => {
      // It is not the database's error and must not be taken for one.
      refusal = error;
      throw error;
    });
  const options = { signal, transaction: "none", lockTimeoutMs: LOCK_TIMEOUT_MS, mode: "loose" } as const;
  const deletion = handle.run(options, (session) =>
    alone(session, family, async () => {
      await ask();
      return inTransaction(session, async () => {
        const scope = await resolveScope(session, shapes, family);
        requireMovable(scope);
        return new Deletion(session, scope, joinParts(scope, parts)).run();
      });
    }),
  );
  return deletion.catch((error: unknown) => {
    throw refusal ?? error;
  });
}

/**
 * One deletion of a family at a time. Without it, one whose COMMIT is on its way (its worker was taken for dead, or
 * its answer was lost) would look like rows that somebody holds: they would be given back to the hot table, from
 * which they are about to go. The lock belongs to the connection: it is held across the commit, and goes with it.
 */
async function alone<T>(session: Session, family: FamilyScope, work: () => Promise<T>): Promise<T> {
  const root = family.members[0]?.table;
  const hash = createHash("sha256")
    .update(JSON.stringify([root?.schema, root?.name]))
    .digest("hex")
    .slice(0, 32);
  const name = literal(`strata:delete:${hash}`);
  const [row] = await session.query(`SELECT GET_LOCK(${name}, ${FAMILY_LOCK_S}) AS got`);
  if (row?.got !== "1") {
    throw new StoreError(
      "timeout",
      "Another deletion of the same rows is still under way. Nothing was deleted; it can be tried again.",
      {
        key: "mysql.locked",
        details: { server: "" },
        retryable: true,
      },
    );
  }
  try {
    return await work();
  } finally {
    await session.query(`SELECT RELEASE_LOCK(${name})`).catch(() => undefined);
  }
}

async function inTransaction<T>(session: Session, work: () => Promise<T>): Promise<T> {
  await session.execute("START TRANSACTION");
  try {
    const result = await work();
    await session.execute("COMMIT");
    return result;
  } catch (error) {
    await session.execute("ROLLBACK").catch(() => undefined);
    throw error;
  }
}

function joinParts(scope: MyScope, parts: readonly ExportedRows[]): Exported[] {
  const joined: Exported[] = scope.members.map(() => ({ keys: [], digests: [], at: new Map() }));
  for (const part of parts) {
    const into = joined[part.member];
    if (!into) throw new RangeError(`The family has no member ${part.member}`);
    part.keys.forEach((key, row) => {
      into.at.set(keyId(key), into.keys.length);
      into.keys.push(key);
      into.digests.push(Buffer.from(part.digests[row] ?? []).toString("hex"));
    });
  }
  return joined;
}

class Deletion {
  private readonly kept: Kept[] = [];
  /** Root row → why its family stays. */
  private readonly staying = new Map<number, Reason>();
  /** Per member: exported rows that go. */
  private readonly going: number[][];

  constructor(
    private readonly session: Session,
    private readonly scope: MyScope,
    private readonly exported: readonly Exported[],
  ) {
    this.going = scope.members.map(() => []);
  }

  async run(): Promise<DeleteResult> {
    const locked = await this.lockRoots();
    const hanging: Hanging[][] = [[]];
    for (let index = 1; index < this.scope.members.length; index++) {
      const rows = locked.length > 0 ? await this.lockMember(index, locked) : [];
      hanging.push(rows);
      for (const row of rows)
        if (row.state !== "same" && !this.staying.has(row.root)) this.staying.set(row.root, row.state);
    }
    this.decide(locked, hanging);
    for (let index = this.scope.members.length - 1; index >= 0; index--) await this.deleteMember(index);
    await this.keepOrphans();
    return { deleted: this.going.map((rows, index) => this.sum(index, rows)), kept: this.kept };
  }

  /** Locks the roots that are unchanged; the others are kept with their reason, or gone. */
  private async lockRoots(): Promise<number[]> {
    const root = memberAt(this.scope, 0);
    const keys = this.keys(0);
    const found = await digestsByKey(this.session, root, root.columns, keys, "skip");
    const unchanged: number[] = [];
    keys.forEach((key, at) => {
      const digest = found.get(keyId(key));
      if (digest === undefined) return;
      if (digest === this.exported[0]?.digests[at]) unchanged.push(at);
      else this.staying.set(at, "changed");
    });
    if (found.size < keys.length) {
      const missing = keys.filter((key) => !found.has(keyId(key)));
      for (const id of await existingKeys(this.session, root, missing)) {
        const at = this.exported[0]?.at.get(id);
        if (at !== undefined) this.staying.set(at, "locked");
      }
    }
    return unchanged;
  }

  /** Everything of a member that hangs on the given roots, locked as far as nobody else holds it. */
  private async lockMember(index: number, roots: readonly number[]): Promise<Hanging[]> {
    const member = memberAt(this.scope, index);
    const found: Hanging[] = [];
    for (const part of chunks(roots, KEYS_PER_LIST)) {
      const from = this.hangingSql(index, part);
      const rows = await this.session.query(
        `SELECT ${keyOutputs(memberAt(this.scope, 0), "r", "r")}, ${keyOutputs(member, "m")}, ${digestHexSql("m", member.columns)} AS digest FROM ${from} FOR UPDATE SKIP LOCKED`,
      );
      const counts = new Map<number, number>();
      for (const row of rows) {
        const key = keyOf(member, row);
        const root = this.rootAt(row);
        counts.set(root, (counts.get(root) ?? 0) + 1);
        const at = this.exported[index]?.at.get(keyId(key)) ?? -1;
        const digest = row.digest ?? (await digestOf(this.session, member, member.columns, key));
        const state = at < 0 ? "newChild" : digest === this.exported[index]?.digests[at] ? "same" : "changed";
        found.push({ root, at, state });
      }
      found.push(...(await this.missed(from, counts)));
    }
    return found;
  }

  /** Rows that hang there too but were skipped: somebody holds them, or they came a moment ago. */
  private async missed(from: string, counts: ReadonlyMap<number, number>): Promise<Hanging[]> {
    const outputs = keyOutputs(memberAt(this.scope, 0), "r", "r");
    const names = memberAt(this.scope, 0).key.map((_, at) => `r${at}`);
    const rows = await this.session.query(
      `SELECT ${outputs}, COUNT(*) AS n FROM ${from} GROUP BY ${names.join(", ")}`,
    );
    return rows
      .map((row) => ({ root: this.rootAt(row), n: Number(row.n) }))
      .filter(({ root, n }) => n !== (counts.get(root) ?? 0))
      .map(({ root }) => ({ root, at: -1, state: "locked" }));
  }

  private rootAt(row: Record<string, string | null>): number {
    return this.exported[0]?.at.get(keyId(keyOf(memberAt(this.scope, 0), row, "r"))) ?? -1;
  }

  /** FROM and WHERE: the member's rows `m` joined up to the listed roots `r`. */
  private hangingSql(index: number, roots: readonly number[]): string {
    const keys = roots.map((at) => this.keys(0)[at] ?? []);
    const where = keysCondition(memberAt(this.scope, 0).key, keys, "r");
    return `${memberTable(this.scope, index, "m")}${joinUp(this.scope, index, "m", "key")} WHERE ${where}`;
  }

  private decide(locked: readonly number[], hanging: readonly Hanging[][]): void {
    this.going[0] = locked.filter((at) => !this.staying.has(at));
    for (const [at, reason] of this.staying) this.kept.push(this.keptRow(0, at, reason));
    for (let index = 1; index < hanging.length; index++) {
      const rows = hanging[index] ?? [];
      // Where a parent's column is not unique, one row hangs on several roots: it goes only with all of them.
      const held = new Set(rows.filter((row) => this.staying.has(row.root)).map((row) => row.at));
      const gone = new Set<number>();
      for (const row of rows) {
        if (this.staying.has(row.root)) {
          if (row.at >= 0)
            this.kept.push(this.keptRow(index, row.at, row.state === "changed" ? "changed" : "parentKept"));
        } else if (row.at >= 0 && !held.has(row.at)) gone.add(row.at);
      }
      this.going[index] = [...gone];
    }
  }

  /** Deletes by key what was locked and compared: nobody can have changed it since. */
  private async deleteMember(index: number): Promise<void> {
    const member = memberAt(this.scope, index);
    const going = this.going[index] ?? [];
    let gone = 0;
    for (const part of chunks(going, KEYS_PER_LIST)) {
      const keys = part.map((at) => this.keys(index)[at] ?? []);
      gone += await this.session.execute(
        `DELETE r FROM ${keyedTable(member, "r")} WHERE ${keysCondition(member.key, keys, "r")}`,
      );
    }
    if (gone !== going.length) throw miscounted(member, going.length, gone);
  }

  /** Exported rows that hang on no root of this call (theirs was kept, or vanished) and are still there. */
  private async keepOrphans(): Promise<void> {
    for (let index = 1; index < this.exported.length; index++) {
      const settled = new Set(this.going[index]);
      for (const row of this.kept) {
        const at = row.member === index ? this.exported[index]?.at.get(keyId(row.key)) : undefined;
        if (at !== undefined) settled.add(at);
      }
      const open = this.keys(index).filter((_, at) => !settled.has(at));
      const there = await existingKeys(this.session, memberAt(this.scope, index), open);
      for (const key of open)
        if (there.has(keyId(key))) this.kept.push({ member: index, key, reason: "parentKept" });
    }
  }

  private keys(index: number): readonly RowKey[] {
    return this.exported[index]?.keys ?? [];
  }

  private keptRow(member: number, at: number, reason: Reason): Kept {
    return { member, key: this.keys(member)[at] ?? [], reason };
  }

  private sum(index: number, rows: readonly number[]) {
    const digests = rows.map((at) => Buffer.from(this.exported[index]?.digests[at] ?? "", "hex"));
    return addDigests(emptyDigest(), digests);
  }
}

const miscounted = (member: MyMember, wanted: number, found: number) =>
  new StoreError(
    "conflict",
    `${member.table.schema}.${member.table.name}: ${wanted} rows were to be deleted and ${found} were (a trigger may hold them back). Nothing was deleted.`,
    { key: "mysql.deletedDiffers", details: { table: member.table.name, wanted, found } },
  );
