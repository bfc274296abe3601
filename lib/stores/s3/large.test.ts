import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { ListMultipartUploadsCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PART_BYTES } from "@/lib/stores/s3/multipart";
import { type TestBucket, testBucket } from "@/lib/stores/s3/testing";
import type { ObjectAccess } from "@/lib/stores/store";
import { testServer } from "@/lib/stores/testing/servers";
import { startProxy, type TcpProxy } from "@/lib/stores/testing/tcp-proxy";

const signal = () => AbortSignal.timeout(60_000);
const BODY = Buffer.alloc(PART_BYTES * 3 + 12_345, "0123456789abcdef ");
const SHA = createHash("sha256").update(BODY).digest("hex");

/** The body as a file would give it: pieces that fit no part. */
async function* pieces(body: Buffer = BODY, onPiece: (at: number) => void = () => undefined) {
  for (let at = 0; at < body.length; at += 1_000_003) {
    onPiece(at);
    yield body.subarray(at, at + 1_000_003);
  }
}

for (const name of ["minio", "versitygw"]) {
  const server = testServer(name);
  describe.skipIf(!server)(`an object in parts on ${name}`, () => {
    let bucket: TestBucket;
    let proxy: TcpProxy;
    let objects: ObjectAccess;
    let viaProxy: ObjectAccess;

    beforeAll(async () => {
      if (!server) return;
      bucket = await testBucket(server, "cold");
      proxy = await startProxy(server);
      const through = {
        endpoint: proxy.through(bucket.config.endpoint).replace(/\/$/, ""),
        timeoutMs: 1_500,
      };
      const [direct, broken] = [bucket.open().objects, bucket.open("write", through).objects];
      if (!direct || !broken) throw new Error("no objects");
      [objects, viaProxy] = [direct, broken];
    });
    afterAll(async () => {
      await bucket.remove();
      await proxy.close();
    });

    const read = async (key: string, range: { from: number; until: number } | null = null) =>
      Buffer.concat(await (await objects.get(key, range, signal())).toArray());
    const uploads = async () =>
      (await bucket.client.send(new ListMultipartUploadsCommand({ Bucket: bucket.config.bucket }))).Uploads ??
      [];

    test("is stored whole and read back, in ranges too", async () => {
      expect(await objects.put("big", Readable.from(pieces()), signal())).toEqual({
        sizeBytes: BODY.length,
        sha256: SHA,
      });
      expect(
        createHash("sha256")
          .update(await read("big"))
          .digest("hex"),
      ).toBe(SHA);
      const from = PART_BYTES - 3;
      expect(await read("big", { from, until: from + 6 })).toEqual(BODY.subarray(from, from + 6));
      expect(await objects.put("bytes", BODY, signal())).toEqual({ sizeBytes: BODY.length, sha256: SHA });
      expect(await uploads()).toEqual([]);
    });

    test("is one of many: more than a page of them is listed in key order, and as far as somebody wants", async () => {
      const keys = Array.from({ length: 1_030 }, (_, at) => `many/${at % 3 === 0 ? "a-" : "a/"}${at}`);
      for (let from = 0; from < keys.length; from += 50)
        await Promise.all(
          keys.slice(from, from + 50).map((key) => objects.put(key, Buffer.from("x"), signal())),
        );
      const listed: string[] = [];
      for await (const { key } of objects.list("many/", signal())) listed.push(key);
      expect(listed).toEqual([...keys].sort());
      for await (const { key } of objects.list("many/a-", signal())) {
        expect(key).toBe("many/a-0");
        break;
      }
    }, 30_000);

    test("is never overwritten, by whatever size", async () => {
      await objects.put("taken", Buffer.from("first"), signal());
      await expect(objects.put("taken", Readable.from(pieces()), signal())).rejects.toMatchObject({
        code: "conflict",
      });
      await expect(objects.put("taken", BODY.subarray(0, 300_000), signal())).rejects.toMatchObject({
        code: "conflict",
      });
      expect((await read("taken")).toString()).toBe("first");
      const race = await Promise.allSettled(
        [0, 1, 2].map((at) => objects.put("raced", Buffer.concat([BODY, Buffer.from([at])]), signal())),
      );
      const won = race.findIndex(({ status }) => status === "fulfilled");
      expect(race.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      expect((await read("raced")).at(-1)).toBe(won);
      expect(await uploads()).toEqual([]);
    });

    test("leaves nothing behind when its source breaks in the third part, or when it is cancelled", async () => {
      const breaks = pieces(BODY, (at) => {
        if (at > PART_BYTES * 2) throw new Error("the source broke");
      });
      await expect(objects.put("x", Readable.from(breaks), signal())).rejects.toThrow("the source broke");
      const stop = new AbortController();
      const cancels = pieces(BODY, (at) => {
        if (at > PART_BYTES * 2) stop.abort();
      });
      await expect(objects.put("x", Readable.from(cancels), stop.signal)).rejects.toMatchObject({
        code: "cancelled",
      });
      expect(await objects.head("x", signal())).toBeNull();
      expect(await uploads()).toEqual([]);
    });

    test("survives a connection that is cut in mid-upload", async () => {
      await viaProxy.head("warm-up", signal());
      proxy.cutAfter(PART_BYTES + 1_000_000, "up");
      const stored = await viaProxy.put("cut", Readable.from(pieces()), signal());
      expect(stored.sha256).toBe(SHA);
      expect(
        createHash("sha256")
          .update(await read("cut"))
          .digest("hex"),
      ).toBe(SHA);
    });

    test("ends in time on a server that hangs in mid-upload, and can be put again", async () => {
      proxy.hang(PART_BYTES, "up");
      const put = viaProxy.put("hung", Readable.from(pieces()), signal());
      await expect(put).rejects.toMatchObject({ retryable: true });
      await proxy.heal();
      proxy.drop();
      expect(await objects.head("hung", signal())).toBeNull();
      expect((await objects.put("hung", Readable.from(pieces()), signal())).sha256).toBe(SHA);
    }, 40_000);

    test("knows its own object when only the answer was lost", async () => {
      await viaProxy.head("warm-up", signal());
      // The request goes up whole; the answer is cut off.
      proxy.cutAfter(20, "down");
      expect((await viaProxy.put("lost", BODY.subarray(0, 200_000), signal())).sizeBytes).toBe(200_000);
      await expect(objects.put("lost", Buffer.from("other"), signal())).rejects.toMatchObject({
        code: "conflict",
      });
    });

    test("that is cut off while it is read is said, not taken for whole", async () => {
      proxy.cutAfter(2_000_000, "down");
      const stream = await viaProxy.get("big", null, signal());
      await expect(stream.toArray()).rejects.toMatchObject({ code: "unreachable", retryable: true });
      proxy.truncateAfter(2_000_000, "down");
      const cut = await viaProxy.get("big", null, signal());
      await expect(cut.toArray()).rejects.toMatchObject({ code: "unreachable" });
    });
  });
}
