import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { db } from "@/lib/control/database";
import { encrypt } from "@/lib/control/secret";
import { type TestControl, testControl } from "@/lib/control/testing";
import { proposeTables } from "@/lib/datasets/discovery";
import { stopQueue } from "@/lib/jobs/queue";
import { makePlan } from "@/lib/operations/plans";
import { ACTOR, crashAt, operationRow, plan, run } from "@/lib/operations/testing";
import type { PlanInput } from "@/lib/schemas/plan";
import { searchInputSchema } from "@/lib/schemas/search";
import { searchPage } from "@/lib/search/search";
import { makeDatabase, type TestDatabase } from "@/lib/stores/mysql/testing";
import { closeStores } from "@/lib/stores/open";
import { testServer } from "@/lib/stores/testing/servers";

const JANUARY_S = Date.UTC(2026, 0, 1) / 1_000;
const CUTOFF = "2026-03-01T00:00:00.000Z";
const ROWS = 120;
const OLD = 59;

/** new-api's table as GORM makes it on MySQL. */
const LOGS = `CREATE TABLE logs (id bigint NOT NULL AUTO_INCREMENT, user_id bigint DEFAULT NULL, created_at bigint DEFAULT NULL,
  type bigint DEFAULT NULL, content longtext, username varchar(191) DEFAULT '', token_name varchar(191) DEFAULT '',
  model_name varchar(191) DEFAULT '', quota bigint DEFAULT 0, prompt_tokens bigint DEFAULT 0, completion_tokens bigint DEFAULT 0,
  use_time bigint DEFAULT 0, is_stream tinyint(1) DEFAULT NULL, channel_id bigint DEFAULT NULL, token_id bigint DEFAULT 0,
  \`group\` varchar(191) DEFAULT NULL, ip varchar(191) DEFAULT '', request_id varchar(64) DEFAULT '', other longtext, PRIMARY KEY (id),
  KEY idx_created_at_id (created_at, id), KEY idx_user_id_id (user_id, id), KEY idx_created_at_type (created_at, type))`;

for (const name of ["mariadb", "mysql"]) {
  const server = testServer(name);
  describe.skipIf(!server)(`new-api's logs on ${name}, through the operations`, () => {
    let database: TestDatabase;
    let control: TestControl;
    let folder: string;
    let datasetId: string;
    let coldId: string;

    beforeAll(async () => {
      if (!server) return;
      database = await makeDatabase(server);
      control = await testControl();
      folder = mkdtempSync(join(tmpdir(), "strata-mysql-"));
      await database.sql(LOGS);
      const { password, ...config } = database.config;
      const store = await db().store.create({
        data: { name: "newapi", kind: "mysql", config, writesEnabled: true },
      });
      const secretCipher = encrypt(JSON.stringify({ password }), store.id);
      await db().store.update({ where: { id: store.id }, data: { secretCipher } });
      const cold = await db().store.create({
        data: { name: "cold", kind: "folder", config: { path: folder }, writesEnabled: true },
      });
      coldId = cold.id;
      await fill();
      const tables = await database.open("read").tables(AbortSignal.timeout(10_000));
      const [proposal] = proposeTables(tables);
      expect(proposal).toMatchObject({ preset: "new-api", blocks: [] });
      expect(proposal?.roles).toMatchObject({
        key: ["id"],
        time: { column: "created_at", unit: "s" },
        model: "model_name",
        user: "username",
        text: ["content", "other", "request_id"],
      });
      const roles = proposal?.roles;
      if (!roles) throw new Error("no proposal");
      const place = { schemaName: database.config.database, tableName: "logs" };
      const dataset = await db().dataset.create({
        data: { storeId: store.id, name: "logs", ...place, roles },
      });
      datasetId = dataset.id;
    }, 60_000);
    afterAll(async () => {
      if (!server) return;
      await closeStores();
      await stopQueue(0);
      await database.drop();
      await control.drop();
      rmSync(folder, { recursive: true, force: true });
    });

    /** A row a day. */
    const fill = async () => {
      await database.sql("DELETE FROM logs");
      await database.sql("TRUNCATE logs_archive").catch(() => undefined);
      const rows = Array.from(
        { length: ROWS },
        (_, day) =>
          `(${day + 1}, 7, ${JANUARY_S + day * 86_400}, 2, '问题 ${day} 😀', 'user', 'gpt-${day % 3}', 9007199254740993, '{"n": ${day}}')`,
      );
      await database.sql(
        `INSERT INTO logs (id, user_id, created_at, type, content, username, model_name, quota, other) VALUES ${rows.join(", ")}`,
      );
    };
    const archive = (tier: "cold" | "archive"): PlanInput => {
      const target = tier === "cold" ? ({ tier, storeId: coldId } as const) : { tier };
      return { kind: "archive", params: { datasetId, cutoff: { at: CUTOFF }, target } };
    };
    const restore = (from: "cold" | "archive"): PlanInput => ({
      kind: "restore",
      params: { datasetId, from, range: { from: null, until: null } },
    });
    const hot = () => database.sql("SELECT * FROM logs ORDER BY id");
    const search = async (query: Record<string, unknown>) => {
      const keys: string[] = [];
      const tiers = new Set<string>();
      for (let cursor: string | null = null; ; ) {
        const input = searchInputSchema.parse({
          datasetIds: [datasetId],
          from: "2026-01-01T00:00:00.000Z",
          limit: 50,
          cursor,
          ...query,
        });
        const page = await searchPage(input, AbortSignal.timeout(60_000));
        expect(page.failures).toEqual([]);
        for (const row of page.rows) {
          keys.push(row.key[0] ?? "");
          tiers.add(row.tier);
        }
        if (page.next === null) return { keys, tiers: [...tiers].sort() };
        cursor = page.next;
      }
    };

    for (const tier of ["archive", "cold"] as const) {
      test(`rows go to ${tier} with proof, are searched in both tiers, and come back`, async () => {
        await fill();
        const before = await hot();
        const all = await search({});
        expect(all.keys).toHaveLength(ROWS);
        const made = await makePlan(archive(tier), ACTOR);
        expect(made.body.risks.filter(({ severity }) => severity === "stop")).toEqual([]);
        const archived = await plan(archive(tier));
        expect(await run(archived)).toBe("succeeded");
        const { proof } = await operationRow(archived);
        const lines = [{ rows: { source: String(OLD), target: String(OLD) }, equal: true }];
        expect(proof).toMatchObject({ complete: true, lines });
        expect(await hot()).toEqual(before.slice(OLD));
        const both = await search({});
        expect(both).toEqual({ keys: all.keys, tiers: [tier, "hot"].sort() });
        expect((await search({ q: '"问题 5"' })).keys).toHaveLength(11);
        expect((await search({ model: "gpt-1" })).keys).toHaveLength(40);
        expect(await run(await plan(restore(tier)))).toBe("succeeded");
        expect(await hot()).toEqual(before);
        expect((await search({})).keys).toEqual(all.keys);
      }, 60_000);

      test(`nothing is lost when an archive to ${tier} stops at any checkpoint`, async () => {
        for (let nth = 1; nth < 30; nth += 1) {
          await fill();
          const before = await hot();
          const archived = await plan(archive(tier), { batchRows: 20 });
          const stopped = await crashAt(archived, nth, "beforeSave");
          if (stopped) expect(await run(archived)).toBe("succeeded");
          expect(await hot()).toEqual(before.slice(OLD));
          expect(await run(await plan(restore(tier)))).toBe("succeeded");
          expect(await hot()).toEqual(before);
          if (!stopped) return;
        }
        throw new Error("it never came to its end");
      }, 120_000);
    }

    test("a table without transactions stops the plan with the reason", async () => {
      await fill();
      await database.sql("ALTER TABLE logs ENGINE = MyISAM");
      try {
        for (const tier of ["archive", "cold"] as const)
          await expect(makePlan(archive(tier), ACTOR).then(({ body }) => body.risks)).resolves.toContainEqual(
            expect.objectContaining({ severity: "stop", key: "mysqlNoTransactions" }),
          );
      } finally {
        await database.sql("ALTER TABLE logs ENGINE = InnoDB");
      }
    });
  });
}
