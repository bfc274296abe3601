import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  addDigest,
  addDigests,
  digestFromHex,
  digestFromSums,
  digestHex,
  emptyDigest,
  joinDigests,
} from "@/lib/stores/digest";

const digests = fc.array(fc.uint8Array({ minLength: 16, maxLength: 16 }), { maxLength: 50 });
const of = (text: string) => createHash("md5").update(text).digest();

test("the digest of a set does not depend on its order or its parts", () => {
  fc.assert(
    fc.property(digests, fc.nat(50), (all, cut) => {
      const whole = addDigests(emptyDigest(), all);
      expect(addDigests(emptyDigest(), all.toReversed())).toEqual(whole);
      const parts = [all.slice(0, cut), all.slice(cut)].map((part) => addDigests(emptyDigest(), part));
      expect(parts.reduce(joinDigests, emptyDigest())).toEqual(whole);
      expect(all.reduce(addDigest, emptyDigest())).toEqual(whole);
    }),
  );
});

test("signed sums of any size, as databases add them, give the same digest", () => {
  fc.assert(
    fc.property(digests, (all) => {
      let high = 0n;
      let low = 0n;
      for (const digest of all) {
        const view = new DataView(digest.buffer, digest.byteOffset, 16);
        high += view.getBigInt64(0);
        low += view.getBigInt64(8);
      }
      expect(digestFromSums(BigInt(all.length), high, low)).toEqual(addDigests(emptyDigest(), all));
    }),
  );
});

test("the hex form leads back", () => {
  fc.assert(
    fc.property(digests, (all) => {
      const sum = addDigests(emptyDigest(), all);
      expect(digestHex(sum)).toMatch(/^[0-9a-f]{32}$/);
      expect(digestFromHex(sum.rowCount, digestHex(sum))).toEqual(sum);
    }),
  );
});

test("one changed, missing or doubled row changes the digest", () => {
  const sum = (texts: string[]) => digestHex(addDigests(emptyDigest(), texts.map(of)));
  const whole = sum(["a", "b", "c"]);
  for (const other of [
    ["a", "b"],
    ["a", "b", "d"],
    ["a", "b", "c", "c"],
  ])
    expect(sum(other)).not.toBe(whole);
});

test("a digest that lies inside a larger buffer is read at its place", () => {
  const large = Buffer.concat([Buffer.alloc(3, 9), of("a"), Buffer.alloc(5, 9)]);
  expect(addDigest(emptyDigest(), large.subarray(3, 19))).toEqual(addDigest(emptyDigest(), of("a")));
});
