import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ObjectAccess, Store, StoreDriver } from "@/lib/stores/store";

export interface ObjectStoreUnderTest {
  store: Store;
  remove(): Promise<void>;
}

/** What every store that holds objects promises, run against a real, empty one. */
export function objectConformance<Config>(
  driver: StoreDriver<Config>,
  open: () => Promise<ObjectStoreUnderTest>,
): void {
  describe(`${driver.kind} holds objects`, () => {
    const signal = AbortSignal.timeout(120_000);
    let opened: ObjectStoreUnderTest;
    let objects: ObjectAccess;

    beforeEach(async () => {
      opened = await open();
      if (!opened.store.objects) throw new Error(`${driver.kind} has no objects`);
      objects = opened.store.objects;
    });
    afterEach(() => opened.remove());

    const text = async (key: string, range: { from: number; until: number } | null = null) =>
      Buffer.concat(await (await objects.get(key, range, signal)).toArray()).toString();
    const keysBelow = async (prefix: string) => {
      const keys: string[] = [];
      for await (const { key } of objects.list(prefix, signal)) keys.push(key);
      return keys;
    };

    test("its abilities tell the truth", () => {
      expect(driver.abilities.includes("objects")).toBe(true);
      expect(driver.abilities.includes("rows")).toBe(opened.store.rows !== undefined);
      expect(driver.abilities.includes("optimize")).toBe(opened.store.optimize !== undefined);
      expect(driver.abilities.includes("queryStats")).toBe(opened.store.queryStats !== undefined);
    });

    test("an object is stored whole, hashed, and read back whole or in half-open ranges", async () => {
      const body = Buffer.from("0123456789".repeat(50_000));
      const parts = Readable.from([body.subarray(0, 7), body.subarray(7)]);
      const sha256 = createHash("sha256").update(body).digest("hex");
      expect(await objects.put("a/b.bin", parts, signal)).toEqual({ sizeBytes: 500_000, sha256 });
      expect(await text("a/b.bin")).toBe(body.toString());
      expect(await text("a/b.bin", { from: 3, until: 6 })).toBe("345");
      expect(await text("a/b.bin", { from: 499_999, until: 500_000 })).toBe("9");
      expect(await text("a/b.bin", { from: 3, until: 3 })).toBe("");
      expect(await objects.head("a/b.bin", signal)).toMatchObject({ key: "a/b.bin", sizeBytes: 500_000 });
      expect(await objects.put("empty", new Uint8Array(), signal)).toMatchObject({ sizeBytes: 0 });
      expect(await text("empty")).toBe("");
    });

    test("an object is never overwritten, and one of several writers wins", async () => {
      await objects.put("k", Buffer.from("first"), signal);
      const second = objects.put("k", Buffer.from("second"), signal);
      await expect(second).rejects.toMatchObject({ code: "conflict" });
      expect(await text("k")).toBe("first");
      const race = await Promise.allSettled(
        ["a", "b", "c", "d"].map((body) => objects.put("race", Buffer.from(body), signal)),
      );
      const won = race.findIndex(({ status }) => status === "fulfilled");
      expect(race.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      expect(await text("race")).toBe("abcd"[won]);
    });

    test("nothing is visible when the body breaks off or the caller cancels", async () => {
      async function* broken() {
        yield Buffer.alloc(100_000);
        throw new Error("the source broke");
      }
      await expect(objects.put("x/y", Readable.from(broken()), signal)).rejects.toThrow("the source broke");
      const stop = new AbortController();
      async function* endless() {
        for (;;) {
          yield Buffer.alloc(1000);
          stop.abort();
        }
      }
      const cancelled = objects.put("x/z", Readable.from(endless()), stop.signal);
      await expect(cancelled).rejects.toMatchObject({ code: "cancelled" });
      expect(await keysBelow("")).toEqual([]);
      await objects.put("x/y", Buffer.from("again"), signal);
    });

    test("keys are listed in order, by any prefix", async () => {
      const keys = ["a/b/1", "a/b.txt", "a/c", "a-b", "month=2026-01/é 对话.parquet", "z"];
      for (const key of keys) await objects.put(key, Buffer.from(key), signal);
      expect(await keysBelow("")).toEqual([...keys].sort());
      expect(await keysBelow("a/b")).toEqual(["a/b.txt", "a/b/1"]);
      expect(await keysBelow("a/")).toEqual(["a/b.txt", "a/b/1", "a/c"]);
      expect(await keysBelow("nothing/here")).toEqual([]);
      expect(await text("month=2026-01/é 对话.parquet")).toBe("month=2026-01/é 对话.parquet");
    });

    test("a missing object is null to head, not_found to get, and nothing to delete", async () => {
      await objects.put("a/b/c", Buffer.from("1"), signal);
      await objects.delete("a/b/c", signal);
      await objects.delete("a/b/c", signal);
      expect(await objects.head("a/b/c", signal)).toBeNull();
      await expect(objects.get("a/b/c", null, signal)).rejects.toMatchObject({ code: "not_found" });
      expect(await keysBelow("")).toEqual([]);
    });
  });
}
