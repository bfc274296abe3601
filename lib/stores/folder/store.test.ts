import { execFileSync } from "node:child_process";
import { chmod, mkdir, readdir, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openScratch, type Scratch } from "@/lib/segments/fixture";
import { objectConformance } from "@/lib/stores/conformance-objects";
import { folderConfig } from "@/lib/stores/folder/config";
import { folderDriver } from "@/lib/stores/folder/store";
import type { OpenOptions } from "@/lib/stores/store";

const signal = AbortSignal.timeout(60_000);
const options = (access: OpenOptions["access"]): OpenOptions => ({
  access,
  name: "test",
  timeoutMs: 5_000,
  connections: 1,
});
let scratch: Scratch;

beforeEach(async () => {
  scratch = await openScratch();
});
afterEach(() => scratch.remove());

const everyKey = async (prefix = "") => {
  const keys: string[] = [];
  for await (const { key } of scratch.objects.list(prefix, signal)) keys.push(key);
  return keys;
};

objectConformance(folderDriver, openScratch);

describe("configuration", () => {
  test.each([
    "/",
    "/etc",
    "/usr/share/strata",
    "/home",
    "/dev/shm/x",
    "relative",
    "/srv/../etc",
    "/srv/a\0b",
    "",
  ])("refuses %j", (path) => expect(folderConfig.safeParse({ path }).success).toBe(false));
  test("takes a folder of its own, whether it exists or not", () => {
    expect(folderConfig.parse({ path: "/srv/strata/cold/" })).toEqual({ path: "/srv/strata/cold" });
    expect(folderConfig.safeParse({ path: scratch.root }).success).toBe(true);
  });
  test("follows a symbolic link into a system folder and refuses it", async () => {
    await mkdir(scratch.root, { recursive: true });
    await symlink("/etc", join(scratch.root, "link"));
    expect(folderConfig.safeParse({ path: join(scratch.root, "link") }).success).toBe(false);
  });
});

describe("objects", () => {
  test("leave nothing behind when the body breaks off or is cancelled", async () => {
    async function* broken() {
      yield Buffer.alloc(100_000);
      throw new Error("the source broke");
    }
    await expect(scratch.objects.put("x/y", Readable.from(broken()), signal)).rejects.toThrow();
    const stop = new AbortController();
    async function* endless() {
      for (;;) {
        yield Buffer.alloc(1000);
        stop.abort();
      }
    }
    await expect(scratch.objects.put("x/z", Readable.from(endless()), stop.signal)).rejects.toMatchObject({
      code: "cancelled",
    });
    expect(await readdir(join(scratch.root, "x"))).toEqual([]);
  });

  test("that are unfinished are not listed, and swept a day later", async () => {
    await scratch.objects.put("a/c", Buffer.from(""), signal);
    const unfinished = join(scratch.root, "a", ".strata-tmp-old");
    await writeFile(unfinished, "half");
    expect(await everyKey()).toEqual(["a/c"]);
    const dayOld = new Date(Date.now() - 25 * 3600 * 1000);
    await utimes(unfinished, dayOld, dayOld);
    await scratch.objects.put("a/d", Buffer.from(""), signal);
    expect(await readdir(join(scratch.root, "a"))).toEqual(["c", "d"]);
  });

  test("are deleted with the folders they leave empty; a missing one is no error", async () => {
    await scratch.objects.put("a/b/c", Buffer.from("1"), signal);
    await scratch.objects.put("a/d", Buffer.from("1"), signal);
    await scratch.objects.delete("a/b/c", signal);
    await scratch.objects.delete("a/b/c", signal);
    expect(await readdir(scratch.root)).toEqual(["a"]);
    expect(await readdir(join(scratch.root, "a"))).toEqual(["d"]);
  });

  test.each([
    "../x",
    "a/../../x",
    "/etc/passwd",
    "a//b",
    "",
    "a/./b",
    "a\0b",
    "a\\b",
    ".strata-tmp-1",
    "x".repeat(2000),
  ])("cannot escape by the key %j", async (key) => {
    await expect(scratch.objects.put(key, Buffer.from("x"), signal)).rejects.toMatchObject({
      code: "bad_input",
    });
    await expect(scratch.objects.get(key, null, signal)).rejects.toMatchObject({ code: "bad_input" });
    await expect(scratch.objects.delete(key, signal)).rejects.toMatchObject({ code: "bad_input" });
  });

  test("cannot escape through a symbolic link", async () => {
    await mkdir(scratch.root, { recursive: true });
    await symlink("/tmp", join(scratch.root, "out"));
    await expect(scratch.objects.put("out/x", Buffer.from("x"), signal)).rejects.toMatchObject({
      code: "refused",
    });
    await expect(scratch.objects.get("out/x", null, signal)).rejects.toMatchObject({ code: "refused" });
    await symlink("/etc/passwd", join(scratch.root, "file"));
    await expect(scratch.objects.get("file", null, signal)).rejects.toMatchObject({ code: "refused" });
    expect(await scratch.objects.head("file", signal)).toBeNull();
  });

  test("cannot be changed by a store opened for reading", async () => {
    const store = folderDriver.open({ path: scratch.root }, options("read"));
    await expect(store.objects?.put("x", Buffer.from("x"), signal)).rejects.toMatchObject({
      code: "refused",
    });
    await expect(store.objects?.delete("x", signal)).rejects.toMatchObject({ code: "refused" });
  });
});

describe("check", () => {
  test("reports free space, size and the right to write", async () => {
    await scratch.objects.put("store=p/dataset=m/month=2026-01/s.parquet", Buffer.alloc(1234), signal);
    const health = await scratch.store.check(signal);
    expect(health).toMatchObject({
      version: "folder",
      sizeBytes: 1234,
      rights: [{ name: "write", granted: true }],
    });
    expect(health.freeBytes).toBeGreaterThan(0);
    expect(await scratch.store.tables(signal)).toMatchObject([
      { ref: { schema: "p", name: "m" }, sizeBytes: 1234 },
    ]);
    expect(await scratch.store.stats({ schema: "p", name: "m" }, null, signal)).toMatchObject({
      totalBytes: 1234,
    });
  });

  test("says that a folder is missing when it may not make it", async () => {
    const store = folderDriver.open({ path: join(scratch.root, "absent") }, options("read"));
    expect(await store.check(signal)).toMatchObject({ state: "warning", limits: [{ key: "folderMissing" }] });
  });

  test("refuses a path that is a file", async () => {
    await mkdir(scratch.root, { recursive: true });
    await writeFile(join(scratch.root, "file"), "");
    const store = folderDriver.open({ path: join(scratch.root, "file") }, options("read"));
    await expect(store.check(signal)).rejects.toMatchObject({ code: "bad_input" });
  });
});

/** Mounts a small disk at the store's root; null, said aloud, where mounting is not allowed. */
async function smallDisk(flags: string): Promise<(() => void) | null> {
  await mkdir(scratch.root, { recursive: true });
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", flags, "tmpfs", scratch.root], { stdio: "pipe" });
    return () => execFileSync("umount", ["-l", scratch.root]);
  } catch {
    console.log("skipped: mounting a small disk needs root");
    return null;
  }
}

describe("a disk in trouble", () => {
  test("a full disk is reported as such and nothing is visible", async (context) => {
    const unmount = await smallDisk("size=1m");
    if (!unmount) return context.skip();
    try {
      await scratch.objects.put("small", Buffer.alloc(1000), signal);
      const put = scratch.objects.put("d/big", Buffer.alloc(3 << 20), signal);
      await expect(put).rejects.toMatchObject({ code: "disk_full" });
      expect(await everyKey()).toEqual(["small"]);
      expect(await readdir(join(scratch.root, "d"))).toEqual([]);
      await scratch.objects.put("d/fits", Buffer.alloc(1000), signal);
    } finally {
      unmount();
    }
  });

  test("a read-only mount is refused with what to do", async (context) => {
    const unmount = await smallDisk("size=1m,ro");
    if (!unmount) return context.skip();
    try {
      await expect(scratch.objects.put("x", Buffer.from("x"), signal)).rejects.toMatchObject({
        code: "refused",
        key: "folderReadOnly",
      });
      const health = await scratch.store.check(signal);
      expect(health).toMatchObject({ state: "warning", rights: [{ name: "write", granted: false }] });
    } finally {
      unmount();
    }
  });

  test("a folder without the right to write is refused", async () => {
    await mkdir(scratch.root, { recursive: true });
    await chmod(scratch.root, 0o500);
    const back = asNobody();
    try {
      const put = scratch.objects.put("x", Buffer.from("x"), signal);
      await expect(put).rejects.toMatchObject({ code: "refused", key: "folderNoAccess" });
    } finally {
      back();
      await chmod(scratch.root, 0o700);
    }
    expect(await everyKey()).toEqual([]);
  });
});

/** Root may write everywhere, so it becomes someone else for a moment. */
function asNobody(): () => void {
  if (process.getuid?.() !== 0 || !process.seteuid) return () => undefined;
  process.seteuid(65_534);
  return () => process.seteuid?.(0);
}
