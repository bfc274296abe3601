import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmod, mkdir, readdir, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openScratch, type Scratch } from "@/lib/segments/fixture";
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

const text = async (body: Readable) => Buffer.concat(await body.toArray()).toString();
const everyKey = async (prefix = "") => {
  const keys: string[] = [];
  for await (const { key } of scratch.objects.list(prefix, signal)) keys.push(key);
  return keys;
};

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
  test("are stored whole, hashed, read back and read in ranges", async () => {
    const body = Buffer.from("0123456789".repeat(50_000));
    const put = await scratch.objects.put(
      "a/b.bin",
      Readable.from([body.subarray(0, 7), body.subarray(7)]),
      signal,
    );
    expect(put).toEqual({
      sizeBytes: 500_000,
      sha256: createHash("sha256").update(body).digest("hex"),
    });
    expect(await text(await scratch.objects.get("a/b.bin", null, signal))).toBe(body.toString());
    expect(await text(await scratch.objects.get("a/b.bin", { from: 3, until: 6 }, signal))).toBe("345");
    expect(await text(await scratch.objects.get("a/b.bin", { from: 3, until: 3 }, signal))).toBe("");
    expect(await scratch.objects.head("a/b.bin", signal)).toMatchObject({
      key: "a/b.bin",
      sizeBytes: 500_000,
    });
    expect(await readdir(join(scratch.root, "a"))).toEqual(["b.bin"]);
  });

  test("are never overwritten, and one of two writers wins", async () => {
    await scratch.objects.put("k", Buffer.from("first"), signal);
    await expect(scratch.objects.put("k", Buffer.from("second"), signal)).rejects.toMatchObject({
      code: "conflict",
    });
    expect(await text(await scratch.objects.get("k", null, signal))).toBe("first");
    const race = await Promise.allSettled(
      ["a", "b", "c", "d"].map((body) => scratch.objects.put("race", Buffer.from(body), signal)),
    );
    expect(race.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(await everyKey()).toEqual(["k", "race"]);
  });

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

  test("are listed in key order, by any prefix, without unfinished ones", async () => {
    const keys = ["a/b/1", "a/b.txt", "a/c", "a-b", "z"];
    for (const key of keys) await scratch.objects.put(key, Buffer.from(key), signal);
    await writeFile(join(scratch.root, "a", ".strata-tmp-old"), "half");
    expect(await everyKey()).toEqual([...keys].sort());
    expect(await everyKey("a/b")).toEqual(["a/b.txt", "a/b/1"]);
    expect(await everyKey("a/")).toEqual(["a/b.txt", "a/b/1", "a/c"]);
    expect(await everyKey("nothing/here")).toEqual([]);
    const dayOld = new Date(Date.now() - 25 * 3600 * 1000);
    await utimes(join(scratch.root, "a", ".strata-tmp-old"), dayOld, dayOld);
    await scratch.objects.put("a/d", Buffer.from(""), signal);
    expect(await readdir(join(scratch.root, "a"))).toEqual(["b", "b.txt", "c", "d"]);
  });

  test("are deleted with the folders they leave empty; a missing one is no error", async () => {
    await scratch.objects.put("a/b/c", Buffer.from("1"), signal);
    await scratch.objects.put("a/d", Buffer.from("1"), signal);
    await scratch.objects.delete("a/b/c", signal);
    await scratch.objects.delete("a/b/c", signal);
    expect(await readdir(scratch.root)).toEqual(["a"]);
    expect(await readdir(join(scratch.root, "a"))).toEqual(["d"]);
    await expect(scratch.objects.get("a/b/c", null, signal)).rejects.toMatchObject({ code: "not_found" });
    expect(await scratch.objects.head("a/b/c", signal)).toBeNull();
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

  test("a folder without the right to write is refused", async (context) => {
    if (process.getuid?.() === 0) return context.skip("root may write everywhere");
    await mkdir(scratch.root, { recursive: true });
    await chmod(scratch.root, 0o500);
    await expect(scratch.objects.put("x", Buffer.from("x"), signal)).rejects.toMatchObject({
      key: "folderNoAccess",
    });
    await chmod(scratch.root, 0o700);
    await rm(scratch.root, { recursive: true });
  });
});
