import { to } from "pg-copy-streams";
import { StoreError } from "@/lib/errors";
import type { Batch } from "@/lib/stores/batch";
import { BatchBuilder, type RowLayout } from "@/lib/stores/postgres/batch-builder";
import type { Session } from "@/lib/stores/postgres/client";

/** How many bytes may wait in the stream while the consumer works; the server stops sending beyond it. */
const HIGH_WATER_BYTES = 1 << 20;

/**
 * Batches of a SELECT made with `selectList`. Bounded memory: at most one chunk beyond the batch being built.
 * When the consumer stops early the caller must drop the connection.
 */
export async function* copyOut(
  session: Session,
  select: string,
  layout: RowLayout,
  size: { rows: number; bytes: number },
): AsyncGenerator<Batch> {
  const stream = session.client.query(
    to(`COPY (${select}) TO STDOUT (FORMAT binary)`, { highWaterMark: HIGH_WATER_BYTES }),
  );
  const builder = new BatchBuilder(layout, size.rows, size.bytes);
  for await (const chunk of stream) {
    builder.parser.push(chunk as Buffer);
    while (builder.ready.length > 0) {
      const batch = builder.ready.shift();
      if (batch) yield batch;
    }
  }
  if (!builder.parser.complete) {
    throw new StoreError("unreachable", "The connection broke while rows were read. Nothing was changed.", {
      key: "postgres.brokeWhileRead",
      retryable: true,
    });
  }
  const last = builder.finish();
  if (last) yield last;
}
