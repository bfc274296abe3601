import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { z } from "zod";
import { resetEnv } from "@/lib/env";
import { Spool } from "@/lib/spool/spool";
import { spoolState } from "@/lib/spool/spool-folder";

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "strata-spool-"));
  vi.stubEnv("STRATA_DATA", dataDir);
  vi.stubEnv("STRATA_LOG", "silent");
  resetEnv();
});
afterEach(() => {
  vi.unstubAllEnvs();
  resetEnv();
  rmSync(dataDir, { recursive: true, force: true });
});

class Away extends Error {}

/** A receiver that can be away; it keeps each item once, as every receiver must. */
function receiver() {
  const got: number[] = [];
  const state = { away: false, refuses: false, got };
  const spool = new Spool<number>({
    kind: "numbers",
    schema: z.number(),
    isAway: (error) => error instanceof Away,
    deliver: async (items) => {
      if (state.away) throw new Away();
      if (state.refuses) throw new Error("no");
      for (const item of items) if (!got.includes(item)) got.push(item);
    },
  });
  return { state, spool };
}

const folder = () => join(dataDir, "spool", "numbers");
const names = () => readdirSync(folder()).sort();

test("what the receiver takes never touches the disk", async () => {
  const { state, spool } = receiver();
  expect(await spool.send([1, 2])).toBe("delivered");
  expect(state.got).toEqual([1, 2]);
  expect((await spoolState("numbers")).waiting).toBe(0);
});

test("what comes while the receiver is away waits, and what comes later waits behind it", async () => {
  const { state, spool } = receiver();
  state.away = true;
  expect(await spool.send([1, 2])).toBe("spooled");
  expect(await spool.send([3])).toBe("spooled");
  expect(await spoolState("numbers")).toMatchObject({ waiting: 3, damaged: 0 });
  state.away = false;
  expect(await spool.send([4])).toBe("delivered");
  expect(state.got).toEqual([1, 2, 3, 4]);
  expect(names()).toEqual([]);
  spool.stop();
});

test("what a killed process left is delivered by the next one, in order", async () => {
  const first = receiver();
  first.state.away = true;
  await first.spool.send([1, 2]);
  first.spool.stop();
  const [name = ""] = names();
  // A pid that no process has: above the largest Linux gives.
  renameSync(join(folder(), name), join(folder(), name.replace(/-\d+\.spool$/, "-4999999.spool")));
  const second = receiver();
  expect(await second.spool.replay()).toBe(true);
  expect(second.state.got).toEqual([1, 2]);
  expect(names()).toEqual([]);
});

test("a line that was cut while it was written is left out; the whole ones count", async () => {
  const { state, spool } = receiver();
  state.away = true;
  await spool.send([1, 2]);
  appendFileSync(join(folder(), names()[0] ?? ""), "0badcafe 3");
  state.away = false;
  await spool.replay();
  expect(state.got).toEqual([1, 2]);
  spool.stop();
});

test("a damaged line is told and kept, the others are delivered", async () => {
  const { state, spool } = receiver();
  state.away = true;
  await spool.send([1]);
  await spool.send([2]);
  await spool.send([3]);
  const path = join(folder(), names()[0] ?? "");
  writeFileSync(path, readFileSync(path, "utf8").replace(/ 2\n/, " 7\n"));
  expect(await spoolState("numbers")).toMatchObject({ waiting: 2, damaged: 1 });
  state.away = false;
  await spool.replay();
  expect(state.got).toEqual([1, 3]);
  expect(names().some((name) => name.endsWith(".damaged"))).toBe(true);
  expect(await spoolState("numbers")).toMatchObject({ waiting: 0, damaged: 1 });
  spool.stop();
});

test("a crash between delivery and its mark delivers again, and a receiver keeps each once", async () => {
  const { state, spool } = receiver();
  state.away = true;
  await spool.send([1, 2]);
  state.got.push(1, 2); // delivered, then the process died before the mark was written
  state.away = false;
  await spool.replay();
  expect(state.got).toEqual([1, 2]);
  spool.stop();
});

test("what is refused is thrown to whoever sent it, and nothing waits for it", async () => {
  const { state, spool } = receiver();
  state.refuses = true;
  await expect(spool.send([1])).rejects.toThrow("no");
  expect((await spoolState("numbers")).waiting).toBe(0);
});
