import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import type { Client } from "pg";
import type { Bench, BenchResult } from "./bench";
import { median } from "./bench";
import { makeTable } from "./bench-table";
import { archiveAll, manage, openRig } from "./rig";
import { exchanges } from "./texts";

const ROWS = 200_000;

/** Hot → verified Parquet → deleted, against DuckDB writing its own table to Parquet plus the plain DELETE. */
export const bench: Bench = {
  name: "archive-cold",
  summary:
    "200,000 rows of 2 KB hot → verified segments → deleted, against DuckDB's own COPY plus a plain DELETE",
  async run({ scale, rounds, say }): Promise<BenchResult[]> {
    const rowCount = Math.round(ROWS * scale);
    const texts = exchanges(say);
    const rig = await openRig();
    try {
      const work: number[] = [];
      const baseline: number[] = [];
      for (let round = 0; round < rounds; round++) {
        await makeTable(rig.app, "base", rowCount, texts);
        const copySeconds = await duckdbSeconds(rig.app, rig.dataDir);
        const started = performance.now();
        await rig.app.query("DELETE FROM base WHERE created_at < now() - interval '1 day'");
        const deleteSeconds = (performance.now() - started) / 1_000;
        baseline.push(copySeconds + deleteSeconds);
        const name = `work${round}`;
        await makeTable(rig.app, name, rowCount, texts);
        const before = rig.cpuSeconds();
        const ran = await archiveAll(await manage(rig, name), { tier: "cold", storeId: rig.coldStoreId });
        work.push(ran.seconds);
        const { worker, server } = rig.cpuSeconds();
        say(
          `round ${round + 1}: ${ran.seconds.toFixed(2)} s for ${ran.rowCount} rows against ${copySeconds.toFixed(2)} + ${deleteSeconds.toFixed(2)} s; CPU: worker ${(worker - before.worker).toFixed(1)} s, PostgreSQL ${(server - before.server).toFixed(1)} s; worker's peak ${(rig.workerPeakBytes() / 1_048_576).toFixed(0)} MiB`,
        );
        await rig.app.query(`DROP TABLE ${name}`);
      }
      const [figure, base] = [median(work), median(baseline)];
      return [
        {
          label: "",
          figure,
          unit: "s",
          baseline: base,
          ratio: figure / base,
          target: { op: "<=", value: 1.8 },
        },
      ];
    } finally {
      await rig.close();
    }
  },
};

/** Seconds DuckDB takes from its own table, loaded before, to zstd Parquet. */
async function duckdbSeconds(app: Client, dir: string): Promise<number> {
  const scratch = mkdtempSync(join(dir ?? tmpdir(), "duck-"));
  const csv = join(scratch, "rows.csv");
  await app
    .query(`COPY base TO '${csv.replaceAll("'", "''")}' (FORMAT csv, HEADER)`)
    .catch(() => exportByClient(app, csv));
  const instance = await DuckDBInstance.create(join(scratch, "own.duckdb"), { threads: "2" });
  const connection = await instance.connect();
  await connection.run(
    `CREATE TABLE base AS SELECT * FROM read_csv('${csv}', header = true, quote = '"', escape = '"', all_varchar = true, parallel = false)`,
  );
  await connection.run(`ALTER TABLE base ALTER id TYPE BIGINT`);
  await connection.run("CHECKPOINT");
  const started = performance.now();
  await connection.run(`COPY base TO '${join(scratch, "rows.parquet")}' (FORMAT parquet, COMPRESSION zstd)`);
  const seconds = (performance.now() - started) / 1_000;
  connection.closeSync();
  instance.closeSync();
  rmSync(scratch, { recursive: true, force: true });
  return seconds;
}

/** Where the server may not write into our folder (it runs as another user). */
async function exportByClient(app: Client, path: string): Promise<void> {
  const { createWriteStream } = await import("node:fs");
  const { pipeline } = await import("node:stream/promises");
  const { to } = await import("pg-copy-streams");
  await pipeline(app.query(to("COPY base TO STDOUT (FORMAT csv, HEADER)")), createWriteStream(path));
}
