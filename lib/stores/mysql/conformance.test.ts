import { storeConformance } from "@/lib/stores/conformance";
import type { RowFixture } from "@/lib/stores/conformance-fixture";
import { mysqlDriver } from "@/lib/stores/mysql/store";
import { makeDatabase, type TestDatabase } from "@/lib/stores/mysql/testing";
import { driverOf } from "@/lib/stores/registry";
import type { TimeUnit } from "@/lib/stores/table";
import type { TestServer } from "@/lib/stores/testing/server-file";
import { testServer } from "@/lib/stores/testing/servers";

/** Column type and how microseconds become a value of it, per unit of time. */
const UNITS: Record<
  Exclude<TimeUnit, "date" | "s" | "ms">,
  { type: string; value: (us: bigint) => string }
> = {
  timestamp: {
    type: "datetime(6)",
    value: (us) => `TIMESTAMP'1970-01-01 00:00:00' + INTERVAL ${us} MICROSECOND`,
  },
  timestamptz: {
    type: "timestamp(6)",
    value: (us) => `TIMESTAMP'1970-01-01 00:00:00' + INTERVAL ${us} MICROSECOND`,
  },
  us: { type: "bigint unsigned", value: String },
};

const text = (value: string) => `'${value.replace(/[\\']/g, "\\$&")}'`;

function fixture(database: TestDatabase, unit: keyof typeof UNITS): RowFixture {
  const { type, value } = UNITS[unit];
  const schema = database.config.database;
  const root = { schema, name: "Odd `\"Runs'%" };
  const child = { schema, name: "数据 表" };
  const targets = [
    { schema, name: "runs_archive" },
    { schema, name: "nodes_archive" },
  ];
  const runs = "`Odd ``\"Runs'%`";
  const nodes = "`数据 表`";
  return {
    columns: { id: "Id", time: "created at", text: "文本" },
    reset: async () => {
      await database.sql(
        `DROP TABLE IF EXISTS ${nodes}, ${runs}, runs_archive, nodes_archive`,
        `CREATE TABLE ${runs} (\`Id\` bigint PRIMARY KEY, \`created at\` ${type} NOT NULL, \`文本\` longtext, KEY (\`created at\`, \`Id\`))`,
        `CREATE TABLE ${nodes} (id int AUTO_INCREMENT PRIMARY KEY, \`run\` bigint, body text CHARACTER SET latin1, KEY (\`run\`))`,
      );
    },
    scope: () => ({
      members: [
        { table: root, key: ["Id"], columns: [], via: null },
        { table: child, key: ["id"], columns: [], via: { member: 0, column: "run", parentColumn: "Id" } },
      ],
      time: { column: "created at", unit },
      fromUs: null,
      untilUs: null,
    }),
    targets: () => targets,
    insert: async (rows, children) => {
      for (const row of rows)
        await database.sql(`INSERT INTO ${runs} VALUES (${row.id}, ${value(row.atUs)}, ${text(row.text)})`);
      for (let n = 1; n <= children; n++)
        await database.sql(`INSERT INTO ${nodes} (\`run\`, body) SELECT \`Id\`, 'node ${n}' FROM ${runs}`);
    },
    change: async (member, id) => {
      if (member === 0) await database.sql(`UPDATE ${runs} SET \`文本\` = 'changed' WHERE \`Id\` = ${id}`);
      else
        await database.sql(`UPDATE ${nodes} SET body = 'changed' WHERE \`run\` = ${id} ORDER BY id LIMIT 1`);
    },
    addChild: async (id) => {
      await database.sql(`INSERT INTO ${nodes} (\`run\`, body) VALUES (${id}, 'late')`);
    },
    count: async (member) => {
      const [row] = await database.sql(`SELECT COUNT(*) AS n FROM ${member === 0 ? runs : nodes}`);
      return Number(row?.n);
    },
    dropRoot: async () => {
      await database.sql(`DROP TABLE ${runs}`);
    },
  };
}

function run(server: TestServer, unit: keyof typeof UNITS): void {
  storeConformance(`${server.name}, time as ${unit}`, driverOf(mysqlDriver.kind), async () => {
    const database = await makeDatabase(server);
    return {
      open: (access) => database.open(access),
      openDead: () => database.open("read", { port: 1 }),
      rows: fixture(database, unit),
      stop: () => database.drop(),
    };
  });
}

for (const name of ["mariadb", "mysql"]) {
  const server = testServer(name);
  if (!server) continue;
  run(server, "timestamp");
  run(server, "timestamptz");
  run(server, "us");
}
