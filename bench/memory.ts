import type { Bench, BenchResult } from "./bench";
import { makeTable } from "./bench-table";
import { archiveAll, manage, openRig } from "./rig";
import { exchanges } from "./texts";

const LARGE = 2_000_000;
const SMALL = 200_000;
const MOST_MIB = 512;
const MIB = 1_048_576;

/** The worker's highest resident memory: of 2 M rows and of a tenth of that. It must not grow with the table. */
export const bench: Bench = {
  name: "memory",
  summary:
    "the worker's peak memory while 2 M rows (about 4 GB of text) go to cold, and the same for 200,000",
  async run({ scale, say }): Promise<BenchResult[]> {
    const texts = exchanges(say);
    const rig = await openRig();
    try {
      const results: BenchResult[] = [];
      for (const [name, rows] of [
        ["small", SMALL],
        ["large", LARGE],
      ] as const) {
        const rowCount = Math.round(rows * scale);
        await makeTable(rig.app, name, rowCount, texts);
        await rig.freshWorker();
        const ran = await archiveAll(await manage(rig, name), { tier: "cold", storeId: rig.coldStoreId });
        const mib = rig.workerPeakBytes() / MIB;
        say(`${name}: ${ran.rowCount} rows in ${ran.seconds.toFixed(1)} s, peak ${mib.toFixed(0)} MiB`);
        results.push({
          label: `of ${rowCount.toLocaleString("en")} rows`,
          figure: mib,
          unit: "MiB",
          baseline: null,
          ratio: mib,
          target: { op: "<=", value: MOST_MIB },
        });
        await rig.app.query(`DROP TABLE ${name}`);
      }
      return results;
    } finally {
      await rig.close();
    }
  },
};
