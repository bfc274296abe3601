import { pool } from "@/lib/control/database";
import { log } from "@/lib/log";
import { tickOf, within } from "@/lib/metrics/sample-health";
import { QUERIES_MS } from "@/lib/metrics/sample-queries";
import { type Sample, writeSamples } from "@/lib/metrics/write";
import { figureMetric } from "@/lib/schemas/metrics";
import { openStore } from "@/lib/stores/open";

const READ_MS = 20_000;

/** Keeps what only one kind of store tells: the newest figures as they are, the charted ones as samples too. */
export async function sampleFigures(now: Date, signal: AbortSignal): Promise<void> {
  const { rows } = await pool().query<{ id: string }>(`SELECT id FROM "Store" WHERE state <> 'unreachable'`);
  const at = tickOf(now, QUERIES_MS);
  const found = await Promise.all(rows.map(({ id }) => readFigures(id, at, signal)));
  await writeSamples(found.flat(), now);
}

async function readFigures(storeId: string, at: Date, signal: AbortSignal): Promise<Sample[]> {
  try {
    const read = await within(READ_MS, signal, async (limit) =>
      (await openStore(storeId, "read")).figures?.(limit),
    );
    if (!read) return [];
    await pool().query('UPDATE "Store" SET figures = $2, "figuresAt" = now() WHERE id = $1', [
      storeId,
      JSON.stringify(read),
    ]);
    return read.figures.flatMap((figure) =>
      figure.charted && typeof figure.value === "number"
        ? [{ subjectId: storeId, metric: figureMetric(figure.key), at, value: figure.value }]
        : [],
    );
  } catch (error) {
    if (!signal.aborted) log("sampler").debug({ err: error, storeId }, "figures could not be read");
    return [];
  }
}
