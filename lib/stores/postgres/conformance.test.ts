import { storeConformance } from "@/lib/stores/conformance";
import { postgresDriver } from "@/lib/stores/postgres/store";
import {
  bundledServer,
  makeDatabase,
  OTHER_MAJORS,
  onOtherServers,
  type TestServer,
} from "@/lib/stores/postgres/testing";
import { familyFixture, type UNITS } from "@/lib/stores/postgres/testing-family";
import { driverOf } from "@/lib/stores/registry";

function run(name: string, start: () => Promise<TestServer>, unit: keyof typeof UNITS): void {
  storeConformance(`${name}, time as ${unit}`, driverOf(postgresDriver.kind), async () => {
    const server = await start();
    const database = await makeDatabase(server);
    return {
      open: (access) => database.open(access),
      openDead: () => database.open("read", { port: 1 }),
      rows: familyFixture(database, unit),
      stop: async () => {
        await database.drop();
        server.stop();
      },
    };
  });
}

run("PostgreSQL 18", async () => bundledServer(), "timestamptz");
run("PostgreSQL 18", async () => bundledServer(), "us");
onOtherServers(OTHER_MAJORS, (name, start) => run(name, start, "timestamp"));
