import type { RowKey } from "@/lib/stores/batch";
import { addDigests, emptyDigest } from "@/lib/stores/digest";
import type { RedisHandle, Session } from "@/lib/stores/redis/client";
import { columnsOf } from "@/lib/stores/redis/describe";
import type { EntryId } from "@/lib/stores/redis/entry-id";
import { readOnlyHandle } from "@/lib/stores/redis/errors";
import { type Entry, entryHash, toVectors, VERSIONS } from "@/lib/stores/redis/mapper";
import { rootOf } from "@/lib/stores/redis/read";
import { listOf, textOf } from "@/lib/stores/redis/reply";
import { entriesById, type Home, homeOf } from "@/lib/stores/redis/streams";
import { rowDigests } from "@/lib/stores/row-digest";
import type { DeleteResult, ExportedRows, FamilyScope } from "@/lib/stores/rows";

/**
 * Deletes entries one by one, each only if its bytes still have the hash that is given: comparison and deletion are one
 * script, and nothing runs in between. An id is unique for a stream's life and its entry cannot be changed, so an equal
 * hash says that it is the entry that was exported; only a stream that was deleted and made anew could have another
 * under the same id, and that one's hash differs. What a consumer group has not been given yet, or has not
 * acknowledged, stays. Answers one letter per id: d deleted, g gone, c changed, l held by a group.
 */
const SCRIPT = `
local key, restored = KEYS[1], ARGV[1] == '1'
local answers = {}
local groups = {}
if redis.call('TYPE', key)['ok'] == 'stream' then
  for _, flat in ipairs(redis.call('XINFO', 'GROUPS', key)) do
    local group = {}
    for at = 1, #flat, 2 do group[flat[at]] = flat[at + 1] end
    groups[#groups + 1] = group
  end
end
local function larger(a, b)
  if #a ~= #b then return #a > #b end
  return a > b
end
local function after(a, b)
  local am, an = string.match(a, '^(%d+)-(%d+)$')
  local bm, bn = string.match(b, '^(%d+)-(%d+)$')
  if am ~= bm then return larger(am, bm) end
  return an ~= bn and larger(an, bn)
end
local function held(id)
  for _, group in ipairs(groups) do
    if after(id, group['last-delivered-id']) then return true end
    if group['pending'] > 0 and #redis.call('XPENDING', key, group['name'], id, id, 1) > 0 then return true end
  end
  return false
end
for at = 2, #ARGV, 2 do
  local id = ARGV[at]
  local found = redis.call('XRANGE', key, id, id)
  local answer = 'g'
  if #found > 0 then
    local parts = {}
    for i, text in ipairs(found[1][2]) do parts[i] = #text .. ':' .. text end
    if redis.sha1hex(table.concat(parts)) ~= ARGV[at + 1] then answer = 'c'
    elseif held(id) then answer = 'l'
    else
      redis.call('XDEL', key, id)
      answer = 'd'
    end
  end
  answers[#answers + 1] = answer
end
if restored and #groups == 0 and redis.call('TYPE', key)['ok'] == 'stream' and redis.call('XLEN', key) == 0 then
  redis.call('DEL', key)
end
return answers`;

/** Entries per script: others wait while it runs, some milliseconds. */
const AT_ONCE = 200;

const ANSWERS = { c: "changed", l: "locked" } as const;

/** Atomic per entry. `stillOurs` is asked before each script; what it throws ends the call, what was deleted stays so. */
export async function deleteRows(
  handle: RedisHandle,
  scope: FamilyScope,
  parts: readonly ExportedRows[],
  signal: AbortSignal,
  stillOurs: () => Promise<void> = async () => undefined,
): Promise<DeleteResult> {
  const session = handle.session(signal);
  if (session.access === "read") throw readOnlyHandle("XDEL");
  const member = rootOf(scope);
  const home = await homeOf(session, member.table);
  const columns = await columnsOf(session, member);
  const result: DeleteResult = { deleted: [emptyDigest()], kept: [] };
  for (const part of parts) {
    for (let at = 0; at < part.keys.length; at += AT_ONCE) {
      const slice = sliceOf(part, at);
      const hashes =
        part.versions?.origin === VERSIONS ? slice.versions : await hashesOf(session, home, columns, slice);
      await stillOurs();
      await deleteSlice(session, home, slice, hashes, result);
    }
  }
  return result;
}

interface Slice {
  keys: readonly RowKey[];
  digests: readonly Uint8Array[];
  versions: readonly (string | null)[];
}

const sliceOf = (part: ExportedRows, at: number): Slice => ({
  keys: part.keys.slice(at, at + AT_ONCE),
  digests: part.digests.slice(at, at + AT_ONCE),
  versions: part.versions?.rows.slice(at, at + AT_ONCE) ?? [],
});

/** The hash of each entry that still is the row that was exported; null for one that is not. */
async function hashesOf(
  session: Session,
  home: Home,
  columns: readonly string[],
  { keys, digests }: Slice,
): Promise<(string | null)[]> {
  const ids = keys.map(([id = ""]) => id);
  const entries = await entriesById(session, home, ids);
  const now = rowDigests(toVectors(entries, columns), entries.length);
  const byId = new Map<EntryId, { entry: Entry; digest: Uint8Array | undefined }>(
    entries.map((entry, at) => [entry.id, { entry, digest: now[at] }]),
  );
  return ids.map((id, at) => {
    const found = byId.get(id);
    const same = found?.digest && Buffer.from(found.digest).equals(digests[at] ?? new Uint8Array());
    return found && same ? entryHash(found.entry) : null;
  });
}

async function deleteSlice(
  session: Session,
  home: Home,
  slice: Slice,
  hashes: readonly (string | null)[],
  result: DeleteResult,
): Promise<void> {
  // An entry without a hash is asked for with one that nothing has: gone or changed.
  const wanted = slice.keys.map(([id = ""], at) => ({ id, hash: hashes[at] ?? "changed", at }));
  const inMain = await ask(session, home.main, "0", wanted);
  const gone = wanted.filter((_, at) => inMain[at] === "g");
  const beside = home.hasRestored && gone.length > 0 ? await ask(session, home.restored, "1", gone) : [];
  const fromBeside = new Map(gone.map(({ id }, at) => [id, beside[at] ?? "g"]));
  wanted.forEach(({ id, at }) => {
    const answer = inMain[at] === "g" ? (fromBeside.get(id) ?? "g") : inMain[at];
    const digest = slice.digests[at];
    if (answer === "d" && digest) result.deleted = [addDigests(result.deleted[0] ?? emptyDigest(), [digest])];
    if (answer === "c" || answer === "l") result.kept.push({ member: 0, key: [id], reason: ANSWERS[answer] });
  });
}

async function ask(
  session: Session,
  key: Buffer,
  restored: "0" | "1",
  wanted: readonly { id: EntryId; hash: string }[],
): Promise<string[]> {
  const reply = await session.of(
    key,
    "EVAL",
    SCRIPT,
    1,
    key,
    restored,
    ...wanted.flatMap(({ id, hash }) => [id, hash]),
  );
  return listOf(reply).map(textOf);
}
