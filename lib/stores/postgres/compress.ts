import { StoreError } from "@/lib/errors";
import { attempt, orElse } from "@/lib/stores/postgres/attempt";
import type { Row, Session } from "@/lib/stores/postgres/client";
import type { PgShape } from "@/lib/stores/postgres/describe";
import { type Flavour, flavourOf } from "@/lib/stores/postgres/flavour";
import { literal, tableName } from "@/lib/stores/postgres/sql";
import {
  CHUNK_SIZES_SQL,
  CHUNKS_SQL,
  COMPRESSION_SQL,
  chunkName,
  compressionRatio,
  uncompressed,
} from "@/lib/stores/postgres/timescale";
import type { OptimizeAction, OptimizePlan } from "@/lib/stores/store";

type Timescale = NonNullable<Flavour["timescale"]>;
type Offer = { action: OptimizeAction; plan: OptimizePlan };

/** So many chunks are offered one by one, oldest first. */
const MOST_OFFERED = 12;
/** Compressed to more than this share of what it was, it is not worth it. */
const POOR_RATIO = 0.5;

/** The newer name is asked for: it came with TimescaleDB 2.18 and takes the place of compress_chunk. */
const NEWER_SQL = `
  SELECT EXISTS (SELECT FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
                  JOIN pg_extension e ON e.extnamespace = n.oid AND e.extname = 'timescaledb'
                 WHERE p.proname = 'convert_to_columnstore')::text AS newer`;

const isNewer = async (session: Session): Promise<boolean> =>
  orElse(await attempt(session, () => session.query(NEWER_SQL)), [])[0]?.newer === "true";

/** The one statement that compresses a chunk. */
export function compressSql({ at }: Timescale, isNew: boolean, chunk: Row): string {
  const name = literal(tableName({ schema: chunk.schema ?? "", name: chunk.name ?? "" }));
  return isNew
    ? `CALL ${at}convert_to_columnstore(${name}::regclass, if_not_columnstore => true)`
    : `SELECT ${at}compress_chunk(${name}::regclass, if_not_compressed => true)`;
}

/** The statement of an action, with the chunk as the catalogue has it. Throws when it is none of this table's. */
export async function compressStatement(
  session: Session,
  shape: PgShape,
  action: OptimizeAction,
): Promise<string> {
  const { timescale } = await flavourOf(session);
  const chunks = timescale ? await session.query(CHUNKS_SQL, [shape.ref.schema, shape.ref.name]) : [];
  const chunk = chunks.find((one) => chunkName(one) === action.index);
  if (!timescale || !chunk) throw chunkMissing(shape, action.index ?? "");
  return compressSql(timescale, await isNewer(session), chunk);
}

/** Chunks that are not compressed, without the newest, which is being written. None under the Apache license. */
export async function compressOffers(session: Session, shape: PgShape): Promise<Offer[]> {
  const { timescale } = await flavourOf(session);
  if (timescale?.license !== "timescale") return [];
  const ask = async (sql: string, params: string[]) =>
    orElse(await attempt(session, () => session.query(sql, params)), []);
  const chunks = await ask(CHUNKS_SQL, [shape.ref.schema, shape.ref.name]);
  const sizes = await ask(CHUNK_SIZES_SQL(timescale), [tableName(shape.ref)]);
  const [stats] = await ask(COMPRESSION_SQL(timescale), [tableName(shape.ref)]);
  const newer = await isNewer(session);
  const bytes = new Map(sizes.map((row) => [chunkName(row), Number(row.bytes ?? 0)]));
  return uncompressed(chunks)
    .slice(0, -1)
    .slice(0, MOST_OFFERED)
    .map((chunk) =>
      compressOffer(
        compressSql(timescale, newer, chunk),
        chunk,
        bytes.get(chunkName(chunk)) ?? 0,
        compressionRatio(stats),
      ),
    );
}

/** `ratio`: what compression made of the chunks before; null when there are none. */
export function compressOffer(statement: string, chunk: Row, sizeBytes: number, ratio: number | null): Offer {
  const isPoor = ratio !== null && ratio > POOR_RATIO;
  return {
    action: { kind: "compressChunk", index: chunkName(chunk) },
    plan: {
      statements: [statement],
      // The chunk alone: it is copied while it may be read, and swapped at the end.
      lock: "writes",
      lockName: "EXCLUSIVE (chunk), ACCESS EXCLUSIVE (chunk, at the end)",
      needsBytes: Math.round(sizeBytes * (ratio ?? POOR_RATIO)),
      returnsBytes: ratio === null ? 0 : Math.max(0, Math.round(sizeBytes * (1 - ratio))),
      reusableBytes: 0,
      advice: {
        key: isPoor ? "poorCompression" : "compressChunk",
        worth: isPoor ? "no" : ratio === null ? "maybe" : "yes",
        details: { bytes: sizeBytes, percent: Math.round((ratio ?? 0) * 100) },
      },
    },
  };
}

const chunkMissing = (shape: PgShape, chunk: string) =>
  new StoreError(
    "not_found",
    `${shape.ref.schema}.${shape.ref.name} has no chunk ${chunk} (any more). Nothing was changed.`,
    { key: "postgres.chunkMissing", details: { chunk, table: shape.ref.name } },
  );
