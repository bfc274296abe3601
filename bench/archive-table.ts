import type { Bench, BenchResult } from "./bench";
import { median } from "./bench";
import { makeTable } from "./bench-table";
import { archiveAll, manage, openRig } from "./rig";
import { exchanges } from "./texts";

const ROWS = 200_000;

/** Hot → archive table by the operation, against one statement that does the same and proves nothing. */
export const bench: Bench = {
  name: "archive-table",
  summary: "200,000 rows of 2 KB hot → archive table, against one DELETE … RETURNING + INSERT",
  async run({ scale, rounds, say }): Promise<BenchResult[]> {
    const rowCount = Math.round(ROWS * scale);
    const texts = exchanges(say);
    const rig = await openRig();
    try {
      const work: number[] = [];
      const baseline: number[] = [];
      for (let round = 0; round < rounds; round++) {
        await makeTable(rig.app, "base", rowCount, texts);
        await rig.app.query("CREATE TABLE base_archive (LIKE base, PRIMARY KEY (id))");
        await rig.app.query("CREATE INDEX ON base_archive (created_at)");
        const started = performance.now();
        await rig.app.query(
          "WITH d AS (DELETE FROM base WHERE created_at < now() - interval '1 day' RETURNING *) INSERT INTO base_archive SELECT * FROM d",
        );
        baseline.push(rowCount / ((performance.now() - started) / 1_000));
        const name = `work${round}`;
        await makeTable(rig.app, name, rowCount, texts);
        const ran = await archiveAll(await manage(rig, name), { tier: "archive" });
        work.push(ran.rowCount / ran.seconds);
        say(
          `round ${round + 1}: ${Math.round(work.at(-1) ?? 0)} rows/s against ${Math.round(baseline.at(-1) ?? 0)}`,
        );
        await rig.app.query(`DROP TABLE base_archive, ${name}, ${name}_archive`);
      }
      const [figure, base] = [median(work), median(baseline)];
      return [
        {
          label: "",
          figure,
          unit: "rows/s",
          baseline: base,
          ratio: figure / base,
          target: { op: ">=", value: 0.8 },
        },
      ];
    } finally {
      await rig.close();
    }
  },
};
