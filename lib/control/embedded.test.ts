import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addressFile } from "@/lib/control/address";
import { startEmbedded } from "@/lib/control/embedded";
import { lockFolder, processExists } from "@/lib/control/lock";
import { withClient } from "@/lib/control/provision";

let dataDir: string;
beforeAll(() => {
  dataDir = mkdtempSync(join(tmpdir(), "strata-embedded-"));
});
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

const settings = { fsync: "off" };

describe("embedded PostgreSQL", () => {
  it("keeps its data, port and password over a stop, listens on 127.0.0.1 only", async () => {
    const first = await startEmbedded({ dataDir, settings });
    await withClient(first.url("postgres"), async (client) => {
      await client.query("CREATE TABLE kept AS SELECT 1 AS one");
      const { rows } = await client.query("SHOW listen_addresses");
      expect(rows).toEqual([{ listen_addresses: "127.0.0.1" }]);
      await client.query("CREATE EXTENSION pg_stat_statements");
    });
    await first.stop();
    expect(processExists(first.pid)).toBe(false);
    const second = await startEmbedded({ dataDir, settings });
    expect(second.address).toEqual(first.address);
    const kept = await withClient(second.url("postgres"), (client) => client.query("SELECT one FROM kept"));
    expect(kept.rows).toEqual([{ one: 1 }]);
    expect(statSync(addressFile(dataDir)).mode & 0o777).toBe(0o600);
    await second.stop();
  });

  it("refuses a folder that another Strata holds, and says which", async () => {
    const server = await startEmbedded({ dataDir, settings });
    await expect(startEmbedded({ dataDir, settings })).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining(`process ${process.pid}`),
    });
    await server.stop();
  });

  it("starts after a SIGKILL that left postmaster.pid behind", async () => {
    const server = await startEmbedded({ dataDir, settings });
    process.kill(server.pid, "SIGKILL");
    await server.ended;
    const again = await startEmbedded({ dataDir, settings });
    await withClient(again.url("postgres"), (client) => client.query("SELECT 1"));
    await again.stop();
  });

  it("starts when the number in postmaster.pid belongs to another program now", async () => {
    const folder = join(dataDir, "postgres");
    writeFileSync(join(folder, "postmaster.pid"), `${process.pid}\n${folder}\n0\n5432\n\n\n0 0\nready\n`);
    const server = await startEmbedded({ dataDir, settings });
    await server.stop();
  });

  it("takes over the lock of a process that is gone", () => {
    writeFileSync(
      join(dataDir, "strata.lock"),
      JSON.stringify({ pid: 2 ** 22 + 1, startTicks: "1", since: "x" }),
    );
    lockFolder(dataDir).release();
  });

  it("never wipes a database whose password file is lost", async () => {
    rmSync(addressFile(dataDir));
    await expect(startEmbedded({ dataDir, settings })).rejects.toMatchObject({ code: "corrupt" });
  });
});
