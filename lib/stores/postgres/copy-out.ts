import { StoreError } from "@/lib/errors";
import type { Batch } from "@/lib/stores/batch";
import { BatchBuilder, type RowLayout } from "@/lib/stores/postgres/batch-builder";
import type { Session } from "@/lib/stores/postgres/client";
import { CopyStream } from "@/lib/stores/postgres/copy-stream";

/**
 * Batches of a SELECT made with `selectList`. Bounded memory: at most one read of the socket beyond the batch being
 * built; the server stops sending while the consumer works. When the consumer stops early the caller must drop the
 * connection.
 */
export async function* copyOut(
  session: Session,
  select: string,
  layout: RowLayout,
  size: { rows: number; bytes: number },
): AsyncGenerator<Batch> {
  const builder = new BatchBuilder(layout, size.rows, size.bytes);
  const stream = new CopyStream(
    `COPY (${select}) TO STDOUT (FORMAT binary)`,
    (bytes) => builder.parser.push(bytes),
    () => builder.ready.length > 0,
  );
  session.client.query(stream);
  for (let more = true; more; ) {
    more = await stream.more();
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
