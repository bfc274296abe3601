import type { RowFixture } from "@/lib/stores/conformance-fixture";
import type { TestDatabase } from "@/lib/stores/postgres/testing";
import type { TimeUnit } from "@/lib/stores/table";

/** Column type and how microseconds become a value of it, per unit of time. */
export const UNITS: Record<Exclude<TimeUnit, "date" | "s" | "ms">, { type: string; value: string }> = {
  timestamptz: { type: "timestamptz", value: "to_timestamp(0) + $2::bigint * interval '1 microsecond'" },
  timestamp: { type: "timestamp", value: "'epoch'::timestamp + $2::bigint * interval '1 microsecond'" },
  us: { type: "bigint", value: "$2::bigint" },
};

/** What a flavour asks of the two tables: keys that hold the column they are spread by, and to be spread. */
export interface Spread {
  childKey: readonly string[];
  sql(root: string, child: string): string;
}

const quoted = (sql: string): string => `'${sql.replaceAll("'", "''")}'`;

/** Cut by the id: a hypertable's unique keys must hold the column it is cut by. */
export const HYPERTABLE: Spread = {
  childKey: ["id"],
  sql: (root) =>
    `SELECT create_hypertable(${quoted(root)}::regclass, 'Id'::name, chunk_time_interval => 100)`,
};

/** Both tables by the root's id, together. */
export const DISTRIBUTED: Spread = {
  childKey: ["id", "run"],
  sql: (root, child) => `
    SELECT create_distributed_table(${quoted(root)}::regclass, 'Id', shard_count => 4);
    SELECT create_distributed_table(${quoted(child)}::regclass, 'run', colocate_with => ${quoted(root)})`,
};

const NOT_SPREAD: Spread = { childKey: ["id"], sql: () => "" };

/** A root and a child with names that need quoting, and their archive tables. */
export function familyFixture(
  database: TestDatabase,
  unit: keyof typeof UNITS,
  spread: Spread = NOT_SPREAD,
): RowFixture {
  const { type, value } = UNITS[unit];
  const root = { schema: "日志", name: 'Odd "Runs"' };
  const child = { schema: "日志", name: "Nodes" };
  const targets = [
    { schema: "日志", name: "runs_archive" },
    { schema: "日志", name: "nodes_archive" },
  ];
  const runs = `"日志"."Odd ""Runs"""`;
  const nodes = `"日志"."Nodes"`;
  return {
    columns: { id: "Id", time: "created at", text: "文本" },
    reset: async () => {
      await database.sql(`
        DROP SCHEMA IF EXISTS "日志" CASCADE; CREATE SCHEMA "日志";
        CREATE TABLE ${runs} ("Id" bigint PRIMARY KEY, "created at" ${type} NOT NULL, "文本" text);
        CREATE INDEX ON ${runs} ("created at", "Id");
        CREATE TABLE ${nodes} (id serial, "run" bigint, body text, PRIMARY KEY (${spread.childKey.join(", ")}));
        CREATE INDEX ON ${nodes} ("run");
        ${spread.sql(runs, nodes)}`);
    },
    scope: () => ({
      members: [
        { table: root, key: ["Id"], columns: [], via: null },
        {
          table: child,
          key: spread.childKey,
          columns: [],
          via: { member: 0, column: "run", parentColumn: "Id" },
        },
      ],
      time: { column: "created at", unit },
      fromUs: null,
      untilUs: null,
    }),
    targets: () => targets,
    insert: async (rows, children) => {
      for (const row of rows) {
        await database.sql(`INSERT INTO ${runs} VALUES ($1, ${value}, $3)`, [
          row.id,
          row.atUs.toString(),
          row.text,
        ]);
      }
      await database.sql(
        `INSERT INTO ${nodes} ("run", body) SELECT "Id", 'node ' || n FROM ${runs}, generate_series(1, $1::int) n`,
        [children],
      );
    },
    change: async (member, id) => {
      if (member === 0) await database.sql(`UPDATE ${runs} SET "文本" = 'changed' WHERE "Id" = $1`, [id]);
      else {
        await database.sql(
          `UPDATE ${nodes} SET body = 'changed' WHERE id = (SELECT min(id) FROM ${nodes} WHERE "run" = $1)`,
          [id],
        );
      }
    },
    addChild: async (id) => {
      await database.sql(`INSERT INTO ${nodes} ("run", body) VALUES ($1, 'late')`, [id]);
    },
    count: async (member) => {
      const [row] = await database.sql(`SELECT count(*) FROM ${member === 0 ? runs : nodes}`);
      return Number(row?.count);
    },
    dropRoot: async () => {
      await database.sql(`DROP TABLE ${runs}`);
    },
  };
}
