import type { Session } from "@/lib/stores/redis/client";
import { columnNames } from "@/lib/stores/redis/describe";
import { findStreams, type KeyGroup, sampleKeys } from "@/lib/stores/redis/key-sample";
import { ID, shapeOf } from "@/lib/stores/redis/mapper";
import { exactText, numberOf } from "@/lib/stores/redis/reply";
import { fieldNames, homeName, isRestored, KEYS, STREAMS } from "@/lib/stores/redis/streams";
import type { TableSummary } from "@/lib/stores/table";

/** Newest entries whose fields are listed: a few, because there may be many streams. */
const SAMPLE_ENTRIES = 5;
const AT_ONCE = 50;

/** Streams with their length and memory as the server tells them, groups of keys as a sample tells them. */
export async function listTables(session: Session): Promise<TableSummary[]> {
  const sample = await sampleKeys(session, "apart");
  const keys = sample.complete ? sample.streams : (await findStreams(session)).streams;
  const names = new Set(keys.map((key) => exactText(key)));
  // What was restored is part of the stream it stands beside.
  const listed = keys.filter((key) => {
    const name = exactText(key);
    return name !== null && !(isRestored(name) && names.has(homeName(name)));
  });
  const tables: TableSummary[] = sample.groups.map(groupSummary);
  for (let at = 0; at < listed.length; at += AT_ONCE) {
    const part = listed.slice(at, at + AT_ONCE);
    tables.push(...(await Promise.all(part.map((key) => streamSummary(session, key)))).flat());
  }
  return tables.sort((a, b) => b.sizeBytes - a.sizeBytes);
}

const groupSummary = (group: KeyGroup): TableSummary => ({
  ref: { schema: KEYS, name: group.pattern },
  kind: "keyGroup",
  rowCount: group.estimated,
  sizeBytes: group.estimatedBytes,
  columns: [],
  key: null,
});

/** Nothing for a stream that went meanwhile, or that this user may not see. */
async function streamSummary(session: Session, key: Buffer): Promise<TableSummary[]> {
  try {
    const [length, bytes, fields] = await Promise.all([
      session.of(key, "XLEN", key),
      session.of(key, "MEMORY", "USAGE", key, "SAMPLES", 5).catch(() => null),
      fieldNames(session, key, SAMPLE_ENTRIES),
    ]);
    const columns = shapeOf(columnNames(fields)).map(({ name, type }) => ({ name, type }));
    return [
      {
        ref: { schema: STREAMS, name: key.toString("utf8") },
        kind: "stream",
        rowCount: numberOf(length),
        sizeBytes: numberOf(bytes ?? undefined),
        columns,
        key: [ID],
      },
    ];
  } catch (error) {
    if (session.signal.aborted) throw error;
    return [];
  }
}
