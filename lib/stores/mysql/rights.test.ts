import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeDatabase, type TestDatabase } from "@/lib/stores/mysql/testing";
import type { FamilyMember, FamilyScope } from "@/lib/stores/rows";
import type { Store } from "@/lib/stores/store";
import { testServer } from "@/lib/stores/testing/servers";

const signal = () => AbortSignal.timeout(20_000);
const options = { member: 0, after: null, upTo: null, batchRows: 100, batchBytes: 1 << 20, digests: true };
const move = { after: null, maxRows: 5, statementTimeoutMs: 10_000, lockTimeoutMs: 1_000 };

/** The grants of docs/stores/mysql.md, and what an account with exactly them can do. */
for (const name of ["mariadb", "mysql"]) {
  const server = testServer(name);
  describe.skipIf(!server)(`rights on ${name}`, () => {
    let database: TestDatabase;
    const users: string[] = [];
    const account = async (...rights: string[]): Promise<(access: "read" | "write") => Store> => {
      const user = `strata_u${users.length}_${process.pid}`;
      users.push(user);
      await database.sql(`CREATE USER '${user}'@'%' IDENTIFIED BY 'Pass-word-1'`);
      for (const right of rights) await database.sql(`GRANT ${right} TO '${user}'@'%'`);
      return (access) => database.open(access, { user, password: "Pass-word-1" });
    };
    const on = (rights: string) => `${rights} ON \`${database.config.database}\`.*`;
    const member = (): FamilyMember => ({
      table: { schema: database.config.database, name: "logs" },
      key: ["id"],
      columns: [],
      via: null,
    });
    const scope = (): FamilyScope => ({
      members: [member()],
      time: { column: "at", unit: "timestamp" },
      fromUs: null,
      untilUs: null,
    });
    const archive = () => ({ schema: database.config.database, name: "logs_archive" });

    beforeAll(async () => {
      if (!server) return;
      database = await makeDatabase(server);
      await database.sql(
        "CREATE TABLE logs (id int PRIMARY KEY, at datetime NOT NULL, body text, KEY (at))",
        "INSERT INTO logs VALUES (1, '2025-01-01', 'a'), (2, '2025-01-02', 'b'), (3, '2025-01-03', 'c')",
      );
    });
    afterAll(async () => {
      if (!server) return;
      for (const user of users) await database.sql(`DROP USER '${user}'@'%'`);
      await database.drop();
    });

    const exported = async (store: Store) => {
      for await (const batch of store.rows?.read(scope(), options, signal()) ?? []) return batch;
      throw new Error("nothing read");
    };
    const missing = async (store: Store) => {
      const { rights } = await store.check(signal());
      return rights.filter(({ granted }) => !granted).map((right) => right.name.replace(/ \(.*/, ""));
    };

    test("SELECT sees and searches, and is told what it lacks", async () => {
      const store = (await account(on("SELECT")))("read");
      expect((await store.tables(signal())).map(({ ref }) => ref.name)).toContain("logs");
      expect(await missing(store)).toEqual(expect.arrayContaining(["INSERT", "DELETE", "CREATE", "PROCESS"]));
      expect(await store.stats(member().table, scope().time, signal())).toMatchObject({ rowCount: 3 });
      expect((await exported(store)).rowCount).toBe(3);
      const stats = await store.queryStats?.(signal());
      expect(stats).toMatchObject({ available: false, hintKey: "noPerformanceSchemaRight" });
      expect((await store.figures?.(signal()))?.notes).toEqual([
        { key: "noProcess", severity: "info", details: {} },
      ]);
      const action = store.rows?.archiveTable?.(member(), archive(), signal());
      await expect(action).resolves.toMatchObject({ exists: false });
    });

    test("SELECT alone cannot delete, and nothing is changed", async () => {
      const store = (await account(on("SELECT")))("write");
      const batch = await exported(store);
      const parts = [{ member: 0, keys: [["1"]], digests: batch.digests.slice(0, 1) }];
      await expect(store.rows?.deleteRows?.(scope(), parts, signal())).rejects.toMatchObject({
        code: "forbidden",
      });
    });

    test("SELECT and DELETE archive to cold", async () => {
      const store = (await account(on("SELECT, DELETE")))("write");
      const batch = await exported(store);
      const parts = [{ member: 0, keys: [["1"]], digests: batch.digests.slice(0, 1) }];
      expect(await store.rows?.deleteRows?.(scope(), parts, signal())).toMatchObject({ kept: [] });
    });

    test("with INSERT, CREATE and ALTER it archives to a table, restores and optimizes", async () => {
      const store = (await account(on("SELECT, DELETE, INSERT, CREATE, ALTER")))("write");
      expect(await missing(store)).not.toEqual(expect.arrayContaining(["INSERT"]));
      const plan = await store.rows?.archiveTable?.(member(), archive(), signal());
      await store.rows?.execute?.(plan?.ddl ?? [], signal());
      const batch = await exported(store);
      const moved = await store.rows?.moveRows?.(scope(), [archive()], move, signal());
      expect(moved?.target[0]?.rowCount).toBe(2n);
      const written = await store.rows?.write(member(), batch, signal());
      expect(written).toMatchObject({ conflicts: [], inserted: { rowCount: 2n } });
      for (const { action } of (await store.optimize?.offers(member().table, signal())) ?? []) {
        const phases = [];
        for await (const step of store.optimize?.run(member().table, action, signal()) ?? [])
          phases.push(step.phase);
        expect(phases.at(-1)).toBe("done");
      }
    });

    test("with the rights to statistics it shows the rest", async () => {
      const more = ["PROCESS ON *.*", "SELECT ON performance_schema.*"];
      const stats = ["SELECT ON mysql.innodb_index_stats", "SELECT ON mysql.innodb_table_stats"];
      const store = (await account(on("SELECT, DELETE, INSERT, CREATE, ALTER"), ...more, ...stats))("read");
      expect(await missing(store)).toEqual([]);
      expect((await store.figures?.(signal()))?.notes).toEqual([]);
      expect(await store.queryStats?.(signal())).toMatchObject({ available: true, hintKey: null });
      const { indexes } = await store.stats(member().table, scope().time, signal());
      expect(indexes.find(({ primary }) => primary)?.sizeBytes).toBeGreaterThan(0);
    });
  });
}
