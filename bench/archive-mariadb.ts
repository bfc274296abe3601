import { spawnSync } from "node:child_process";
import type mysql from "mysql2/promise";
import { type Bench, type BenchResult, median } from "./bench";
import { mariadbRig } from "./mariadb-rig";
import { archiveAll } from "./rig";
import { exchanges } from "./texts";

const ROWS = 100_000;
const PT_LIMIT = 1_000;

/** Hot → archive table by the operation, on MariaDB, against what people use for it. */
export const bench: Bench = {
  name: "archive-mariadb",
  summary:
    "100,000 rows of 2 KB hot → archive table on MariaDB, against pt-archiver and INSERT … SELECT + DELETE",
  async run({ scale, rounds, say }): Promise<BenchResult[]> {
    const rig = await mariadbRig(Math.round(ROWS * scale), exchanges(say));
    const hasPt = spawnSync("pt-archiver", ["--version"]).status === 0;
    if (!hasPt) say("pt-archiver is not installed (Debian: percona-toolkit): that comparison is left out.");
    const figures = { work: [] as number[], plain: [] as number[], pt: [] as number[] };
    try {
      for (let round = 0; round < rounds; round++) {
        figures.plain.push(await rig.timed("base", (name) => plainMove(rig.connection, name)));
        if (hasPt) figures.pt.push(await rig.timed("pt", (name) => ptMove(rig.url, name)));
        const datasetId = await rig.managed(`work${round}`);
        const ran = await archiveAll(datasetId, { tier: "archive" });
        if (ran.rowCount !== rig.rowCount) throw new Error(`${ran.rowCount} rows moved of ${rig.rowCount}`);
        figures.work.push(ran.rowCount / ran.seconds);
        await rig.forget(`work${round}`);
        const last = (list: number[]) => Math.round(list.at(-1) ?? 0);
        say(
          `round ${round + 1}: ${last(figures.work)} rows/s; one transaction ${last(figures.plain)}; pt-archiver ${last(figures.pt)}`,
        );
      }
      const against = (label: string, base: number[], value: number): BenchResult[] =>
        base.length === 0 ? [] : [result(label, median(figures.work), median(base), value)];
      return [
        ...against("against pt-archiver", figures.pt, 3),
        ...against("against INSERT … SELECT + DELETE", figures.plain, 0.7),
      ];
    } finally {
      await rig.close();
    }
  },
};

const result = (label: string, figure: number, baseline: number, value: number): BenchResult => ({
  label,
  figure,
  unit: "rows/s",
  baseline,
  ratio: figure / baseline,
  target: { op: ">=", value },
});

/** What somebody in a hurry would do: one transaction, nothing proved. */
async function plainMove(connection: mysql.Connection, name: string): Promise<void> {
  const where = "created_at < UTC_TIMESTAMP() - INTERVAL 1 DAY";
  await connection.query("START TRANSACTION");
  await connection.query(`INSERT INTO ${name}_archive SELECT * FROM ${name} WHERE ${where}`);
  await connection.query(`DELETE FROM ${name} WHERE ${where}`);
  await connection.query("COMMIT");
}

async function ptMove(address: string, name: string): Promise<void> {
  const url = new URL(address);
  const dsn = `h=${url.hostname},P=${url.port},u=${decodeURIComponent(url.username)},p=${decodeURIComponent(url.password)},D=${url.pathname.slice(1)},A=utf8mb4`;
  const args = [
    ["--source", `${dsn},t=${name}`],
    ["--dest", `${dsn},t=${name}_archive`],
    ["--where", "created_at < UTC_TIMESTAMP() - INTERVAL 1 DAY"],
    ["--limit", String(PT_LIMIT)],
    // Else it writes its file of rows without an encoding and ends at the first Chinese character.
    ["--charset", "utf8"],
    ["--bulk-insert", "--bulk-delete", "--commit-each", "--no-check-charset", "--no-safe-auto-increment"],
  ].flat();
  // As in a container: pt-archiver's own look for a newer version goes to the network.
  const done = spawnSync("pt-archiver", [...args, "--no-version-check"], { encoding: "utf8" });
  if (done.status !== 0) throw new Error(`pt-archiver: ${done.stderr || done.stdout}`);
}
