import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { lockFolder } from "@/lib/control/lock";
import { nextFreePort } from "@/lib/control/ports";
import { sourceHash } from "@/lib/supervisor/build";
import { parseOptions } from "@/lib/supervisor/options";
import { resetFolder } from "@/lib/supervisor/reset";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "strata-supervisor-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it("reads its options and refuses others by name", () => {
  expect(parseOptions(["--demo"])).toEqual({ demo: true, reset: false, dev: false });
  expect(() => parseOptions(["--demos"])).toThrow(expect.objectContaining({ code: "bad_input" }));
});

it("sees that a source changed, and does not mind tests", () => {
  mkdirSync(join(folder, "app"));
  writeFileSync(join(folder, "app", "page.tsx"), "1");
  const before = sourceHash(folder);
  writeFileSync(join(folder, "app", "page.test.tsx"), "1");
  expect(sourceHash(folder)).toBe(before);
  writeFileSync(join(folder, "app", "page.tsx"), "2");
  expect(sourceHash(folder)).not.toBe(before);
});

it("removes only what Strata made, and nothing while it is in use", async () => {
  writeFileSync(join(folder, "secret.key"), "x");
  writeFileSync(join(folder, "holiday.jpg"), "x");
  const lock = lockFolder(folder);
  await expect(resetFolder(folder)).rejects.toMatchObject({ code: "conflict" });
  lock.release();
  expect(await resetFolder(folder)).toEqual(["holiday.jpg"]);
  expect(existsSync(join(folder, "secret.key"))).toBe(false);
});

it("takes the next port when the wanted one is taken", async () => {
  const { createServer } = await import("node:net");
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const taken = typeof address === "object" && address ? address.port : 0;
  expect(await nextFreePort(taken, "127.0.0.1")).toBeGreaterThan(taken);
  await new Promise((resolve) => server.close(resolve));
});
