import { StoreError } from "@/lib/errors";
import type { RowKey } from "@/lib/stores/batch";
import { addDigests, emptyDigest, joinDigests } from "@/lib/stores/digest";
import { int4Array, uuidArray, xidArray } from "@/lib/stores/postgres/arrays";
import { canLockRows, dropCoveredChunks, sumAt } from "@/lib/stores/postgres/chunk-drop";
import type { PgHandle, Row, Session } from "@/lib/stores/postgres/client";
import { digestSql } from "@/lib/stores/postgres/digest-sql";
import { type Exported, joinParts, without } from "@/lib/stores/postgres/exported";
import { lockShapes, refuseCascades, requireAllColumns, requireKeys } from "@/lib/stores/postgres/guard";
import { joinKeys, keyId, keyOf, keyOutputs, keyTable } from "@/lib/stores/postgres/keys";
import { stillInPlace, trustedXids } from "@/lib/stores/postgres/row-versions";
import { memberAt } from "@/lib/stores/postgres/scope-sql";
import { type PgMember, type PgScope, resolveScope, type Shapes } from "@/lib/stores/postgres/shapes";
import { col, parameters, tableName } from "@/lib/stores/postgres/sql";
import type { DeleteResult, ExportedRows, FamilyScope } from "@/lib/stores/rows";

type Kept = DeleteResult["kept"][number];
type Reason = Kept["reason"];

/** A row of a member that hangs on a root row: both by their position in what was exported. */
interface Hanging {
  root: number;
  /** -1: it was not exported. */
  at: number;
  state: "same" | "changed" | "newChild" | "locked";
  key: RowKey;
}

const LOCK_TIMEOUT_MS = 2_000;

/**
 * Deletes exported rows, family by family, in one transaction: root rows are locked and compared by digest,
 * then everything that hangs on them; a family in which anything changed, appeared or is locked stays whole.
 * Rows that are gone already are not mentioned. Under 10,000 root keys a call is a good size.
 */
export async function deleteRows(
  handle: PgHandle,
  shapes: Shapes,
  family: FamilyScope,
  parts: readonly ExportedRows[],
  signal: AbortSignal,
  stillOurs: () => Promise<void> = async () => undefined,
): Promise<DeleteResult> {
  const options = { signal, transaction: "write", lockTimeoutMs: LOCK_TIMEOUT_MS } as const;
  const fence = fenced(stillOurs);
  const deletion = handle.run(options, async (session) => {
    await lockDeletions(session, family);
    await fence.ask();
    await lockShapes(session, family);
    const scope = await resolveScope(session, shapes, family);
    requireKeys(scope);
    requireAllColumns(scope);
    refuseCascades(scope);
    // Every join here is by key: a hash join would read the whole table for a few thousand rows.
    await session.query(
      "SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off; SET LOCAL work_mem = '32MB'",
    );
    const exported = joinParts(scope, parts);
    const [root] = exported;
    const chunks = root ? await dropCoveredChunks(session, scope, root) : new Set<number>();
    const locks = await canLockRows(session, scope);
    if (!root || chunks.size === 0) return new Deletion(session, scope, exported, locks).run();
    const rest = await new Deletion(session, scope, [without(root, chunks)], locks).run();
    return { ...rest, deleted: rest.deleted.map((sum) => joinDigests(sum, sumAt(root, chunks))) };
  });
  return deletion.catch((error: unknown) => {
    throw fence.refusal ?? error;
  });
}

/**
 * One deletion of a family at a time. Without it, one whose COMMIT is on its way (its worker was taken for dead, or
 * its answer was lost) would look like rows that somebody holds: they would be given back to the hot table, from
 * which they are about to go.
 */
async function lockDeletions(session: Session, family: FamilyScope): Promise<void> {
  const root = family.members[0]?.table;
  const name = `strata:delete:${root?.schema}.${root?.name}`;
  await session.query("SELECT pg_advisory_xact_lock(hashtextextended($1, 5163))", [name]);
}

/** Keeps what `stillOurs` threw: it is not the database's error and must not be taken for one. */
function fenced(stillOurs: () => Promise<void>) {
  const fence = {
    refusal: null as unknown,
    ask: () =>
      stillOurs().catch((error: unknown) => {
        fence.refusal = error;
        throw error;
      }),
  };
  return fence;
}

class Deletion {
  private readonly kept: Kept[] = [];
  /** Root row → why its family stays. */
  private readonly staying = new Map<number, Reason>();
  /** Per member: exported rows that go. */
  private readonly going: number[][];
  /** Per member: by what each exported row is known to be unchanged, see row-versions.ts. Null: by digests alone. */
  private readonly xids: ((number | null)[] | null)[] = [];

  constructor(
    private readonly session: Session,
    private readonly scope: PgScope,
    private readonly exported: readonly Exported[],
    private readonly locks: boolean,
  ) {
    this.going = scope.members.map(() => []);
  }

  private lock(alias: string): string {
    return this.locks ? ` FOR UPDATE OF ${alias} SKIP LOCKED` : "";
  }

  async run(): Promise<DeleteResult> {
    for (const [index, { versions }] of this.exported.entries())
      this.xids.push(await trustedXids(this.session, memberAt(this.scope, index), versions));
    const locked = await this.lockRoots();
    const hanging: Hanging[][] = [[]];
    for (let index = 1; index < this.scope.members.length; index++) {
      const rows = locked.length > 0 ? await this.lockMember(index, locked) : [];
      hanging.push(rows);
      for (const row of rows) if (row.state !== "same" && !this.staying.has(row.root)) this.stay(row);
    }
    await this.confirmPlaces();
    this.decide(locked, hanging);
    for (let index = this.scope.members.length - 1; index >= 0; index--) await this.deleteMember(index);
    await this.keepOrphans();
    return { deleted: this.going.map((rows, index) => this.sum(index, rows)), kept: this.kept };
  }

  private async confirmPlaces(): Promise<void> {
    for (const [index, { versions }] of this.exported.entries()) {
      if (!this.xids[index] || !versions) continue;
      const member = memberAt(this.scope, index);
      if (!(await stillInPlace(this.session, member, versions.origin))) throw altered(member);
    }
  }

  private stay(row: Hanging): void {
    this.staying.set(row.root, row.state === "same" ? "changed" : row.state);
  }

  /** Locks the roots that are unchanged; the others are kept with their reason, or gone. */
  private async lockRoots(): Promise<number[]> {
    const root = memberAt(this.scope, 0);
    const values = parameters();
    const equal = `${digestSql("r", root.columns)} = u.digest`;
    const same = this.xids[0] ? `CASE WHEN r.xmin = u.version THEN true ELSE ${equal} END` : equal;
    const rows = await this.session.query(
      `SELECT u.ord::text, (${same})::text AS same
         FROM ${this.list(0, values)} JOIN ${tableName(root.table)} r ON ${joinKeys(root.key, "r", "u")}${this.lock("r")}`,
      values.params,
    );
    const unchanged: number[] = [];
    const seen = new Set<number>();
    for (const row of rows) {
      const at = Number(row.ord) - 1;
      seen.add(at);
      if (row.same === "true") unchanged.push(at);
      else this.staying.set(at, "changed");
    }
    if (seen.size < this.keys(0).length) {
      for (const at of await this.existing(0)) if (!seen.has(at)) this.staying.set(at, "locked");
    }
    return unchanged;
  }

  /**
   * Everything of a member that hangs on the given roots, locked as far as nobody else holds it. Compared here and
   * not by a join with the exported keys: that would be a loop over both lists for every call.
   */
  private async lockMember(index: number, roots: readonly number[]): Promise<Hanging[]> {
    const member = memberAt(this.scope, index);
    const { sql, values } = this.hangingSql(index, roots);
    const xids = this.xids[index];
    const told = xids ? "m.xmin::text AS version" : `${digestSql("m", member.columns)}::text AS digest`;
    const rows = await this.session.query(
      `SELECT u.ord::text AS root, ${told}, ${keyOutputs(member.key, "m")}
         FROM ${sql}${this.lock("m")}`,
      values.params,
    );
    const exported = new Map(this.keys(index).map((key, at) => [keyId(key), at]));
    const same = (at: number, row: Row) =>
      xids ? String(xids[at] ?? "") === row.version : this.digestText(index, at) === row.digest;
    const found = rows.map((row): Hanging => {
      const key = keyOf(member.key, row);
      const at = exported.get(keyId(key)) ?? -1;
      const state = at < 0 ? "newChild" : same(at, row) ? "same" : "changed";
      return { root: Number(row.root) - 1, at, state, key };
    });
    if (xids) await this.compareDigests(index, found);
    return [...found, ...(await this.missed(index, roots, found))];
  }

  /** Rows of which the version says nothing may be equal all the same. They are locked: what is read now stays. */
  private async compareDigests(index: number, found: readonly Hanging[]): Promise<void> {
    const unsure = found.filter(({ state }) => state === "changed");
    if (unsure.length === 0) return;
    const member = memberAt(this.scope, index);
    const positions = [...new Set(unsure.map(({ at }) => at))];
    const values = parameters();
    const keys = positions.map((at) => this.keys(index)[at] ?? []);
    const rows = await this.session.query(
      `SELECT u.ord::text, ${digestSql("r", member.columns)}::text AS digest
         FROM ${keyTable(member.key, keys, values)} JOIN ${tableName(member.table)} r ON ${joinKeys(member.key, "r", "u")}`,
      values.params,
    );
    const equal = new Set<number>();
    for (const row of rows) {
      const at = positions[Number(row.ord) - 1] ?? -1;
      if (this.digestText(index, at) === row.digest) equal.add(at);
    }
    for (const row of unsure) if (equal.has(row.at)) row.state = "same";
  }

  /** Rows that hang there too but were skipped: somebody holds them, or they came a moment ago. */
  private async missed(
    index: number,
    roots: readonly number[],
    found: readonly Hanging[],
  ): Promise<Hanging[]> {
    const { sql, values } = this.hangingSql(index, roots);
    const rows = await this.session.query(
      `SELECT u.ord::text AS root, count(*)::text AS n FROM ${sql} GROUP BY u.ord`,
      values.params,
    );
    const counts = new Map<number, number>();
    for (const row of found) counts.set(row.root, (counts.get(row.root) ?? 0) + 1);
    return rows
      .filter((row) => Number(row.n) !== (counts.get(Number(row.root) - 1) ?? 0))
      .map((row) => ({ root: Number(row.root) - 1, at: -1, state: "locked", key: [] }));
  }

  /** FROM clause: the member's rows `m` joined up to the listed roots `u`. */
  private hangingSql(index: number, roots: readonly number[]) {
    const values = parameters();
    const root = memberAt(this.scope, 0);
    const keys = roots.map((at) => this.keys(0)[at] ?? []);
    const ord = { name: "at", sql: `${values.binary(int4Array(roots.map((at) => at + 1)))}::int4[]` };
    const list = keyTable(root.key, keys, values, [ord]).replace("s.ord::int AS ord", "s.at AS ord");
    const joins: string[] = [];
    let member = memberAt(this.scope, index);
    let alias = "m";
    let at = index;
    while (member.via) {
      const parent = memberAt(this.scope, member.via.member);
      const up = member.via.member === 0 ? "r" : `a${at}`;
      joins.unshift(`JOIN ${tableName(member.table)} ${alias} ON ${linkSql(member, alias, parent, up)}`);
      at = member.via.member;
      member = parent;
      alias = up;
    }
    const sql = `${list} JOIN ${tableName(root.table)} r ON ${joinKeys(root.key, "r", "u")} ${joins.join(" ")}`;
    return { sql, values };
  }

  private decide(locked: readonly number[], hanging: readonly Hanging[][]): void {
    this.going[0] = locked.filter((at) => !this.staying.has(at));
    for (const [at, reason] of this.staying) this.kept.push(this.keptRow(0, at, reason));
    for (let index = 1; index < hanging.length; index++) {
      const gone = new Set<number>();
      // Where a parent's column is not unique, one row hangs on several roots: it goes only with all of them.
      const held = new Set(
        (hanging[index] ?? []).filter((row) => this.staying.has(row.root)).map((row) => row.at),
      );
      for (const row of hanging[index] ?? []) {
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
    const going = this.going[index] ?? [];
    if (going.length === 0) return;
    const member = memberAt(this.scope, index);
    const values = parameters();
    const digests = going.flatMap((at) => this.exported[index]?.digests[at] ?? []);
    const unlocked = this.locks
      ? []
      : [{ name: "digest", sql: `${values.binary(uuidArray(digests))}::uuid[]` }];
    const list = keyTable(
      member.key,
      going.map((at) => this.keys(index)[at] ?? []),
      values,
      unlocked,
    );
    const same = this.locks ? "" : ` AND ${digestSql("r", member.columns)} = u.digest`;
    const [row] = await this.session.query(
      `WITH d AS (DELETE FROM ${tableName(member.table)} r USING ${list} WHERE ${joinKeys(member.key, "r", "u")}${same} RETURNING 1)
       SELECT count(*)::text AS n FROM d`,
      values.params,
    );
    if (Number(row?.n) === going.length) return;
    throw this.locks ? miscounted(member, going.length, Number(row?.n)) : changedMeanwhile(member);
  }

  /** Exported rows that hang on no root of this call (theirs was kept, or vanished) and are still there. */
  private async keepOrphans(): Promise<void> {
    for (let index = 1; index < this.exported.length; index++) {
      if (this.keys(index).length === 0) continue;
      const settled = new Set(this.going[index]);
      if (settled.size === this.keys(index).length) continue;
      const mentioned = new Set(
        this.kept.filter((row) => row.member === index).map((row) => JSON.stringify(row.key)),
      );
      for (const at of await this.existing(index)) {
        const key = this.keys(index)[at] ?? [];
        if (!mentioned.has(JSON.stringify(key))) this.kept.push({ member: index, key, reason: "parentKept" });
      }
    }
  }

  private async existing(index: number): Promise<number[]> {
    const member = memberAt(this.scope, index);
    const values = parameters();
    const rows = await this.session.query(
      `SELECT u.ord::text FROM ${keyTable(member.key, this.keys(index), values)} JOIN ${tableName(member.table)} r ON ${joinKeys(member.key, "r", "u")}`,
      values.params,
    );
    return rows.map((row) => Number(row.ord) - 1);
  }

  private list(index: number, values: ReturnType<typeof parameters>): string {
    const member = memberAt(this.scope, index);
    const digests = `${values.binary(uuidArray(this.exported[index]?.digests ?? []))}::uuid[]`;
    const others = [{ name: "digest", sql: digests }];
    const xids = this.xids[index];
    if (xids) others.push({ name: "version", sql: `${values.binary(xidArray(xids))}::xid[]` });
    return keyTable(member.key, this.keys(index), values, others);
  }

  /** The exported digest as PostgreSQL writes a uuid. */
  private digestText(index: number, at: number): string {
    const hex = Buffer.from(this.exported[index]?.digests[at] ?? []).toString("hex");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  }

  private keys(index: number): readonly RowKey[] {
    return this.exported[index]?.keys ?? [];
  }

  private keptRow(member: number, at: number, reason: Reason): Kept {
    return { member, key: this.keys(member)[at] ?? [], reason };
  }

  private sum(index: number, rows: readonly number[]) {
    const digests = this.exported[index]?.digests ?? [];
    return addDigests(
      emptyDigest(),
      rows.flatMap((at) => digests[at] ?? []),
    );
  }
}

function linkSql(member: PgMember, alias: string, parent: PgMember, up: string): string {
  const via = member.via;
  if (!via) return "false";
  const link = member.shape.columns.find((column) => column.name === via.column);
  const target = parent.shape.columns.find((column) => column.name === via.parentColumn);
  const value = col(up, via.parentColumn);
  return `${col(alias, via.column)} = ${link?.castType === target?.castType ? value : `${value}::${link?.castType ?? "text"}`}`;
}

const changedMeanwhile = ({ table }: PgMember) =>
  new StoreError(
    "timeout",
    `Rows of ${table.schema}.${table.name} changed while they were worked on. Nothing was deleted; it can be tried again.`,
    { key: "postgres.serialization", details: { table: table.name }, retryable: true },
  );

const miscounted = (member: PgMember, wanted: number, found: number) =>
  new StoreError(
    "conflict",
    `${member.table.schema}.${member.table.name}: ${wanted} rows were to be deleted and ${found} were (a trigger may hold them back). Nothing was deleted.`,
    { key: "postgres.deletedDiffers", details: { table: member.table.name, wanted, found } },
  );

const altered = ({ table }: PgMember) =>
  new StoreError(
    "conflict",
    `Another table joined ${table.schema}.${table.name} while its rows were compared. Nothing was deleted; it can be tried again.`,
    { key: "postgres.joinedMeanwhile", details: { table: `${table.schema}.${table.name}` }, retryable: true },
  );
