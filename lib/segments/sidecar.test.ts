import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { coarseFold } from "./gram-codes";
import { createSidecarBuilder, openSidecar } from "./sidecar";

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const fold = (text: string): string => {
  let out = "";
  for (const char of text) out += String.fromCodePoint(coarseFold(char.codePointAt(0) ?? 0));
  return out;
};

function sidecarOf(groups: readonly (readonly Uint8Array[])[], users: readonly (readonly string[])[] = []) {
  const builder = createSidecarBuilder({ textColumns: ["text"], filterRoles: ["user"] });
  groups.forEach((texts, index) => {
    const values = (users[index] ?? []).map((user) => encoder.encode(user));
    builder.addRowGroup({ texts: [texts], filters: { user: values } });
  });
  return openSidecar(builder.finish());
}

const alphabet = fc.constantFrom(
  ..."aAbBkKéÉİıſßẞσςΣяЯ中文数据库日本語かな한국어😀👩‍🚀𐐀𐐨𠮷Ａａ019_- \"'\n\u0000\u0301",
  "\u212a",
  "\ud800",
  "\udc00",
);
const anyText = fc.oneof(
  fc.array(alphabet, { maxLength: 60 }).map((chars) => chars.join("")),
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.string({ maxLength: 60 }),
);
/** Mostly UTF-8 with bytes broken in it. */
const anyBytes = fc
  .tuple(anyText, fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 4 }))
  .map(([text, hits]) => {
    const bytes = encoder.encode(text);
    for (const [at, byte] of hits) if (at < bytes.length) bytes[at] = byte;
    return bytes;
  });

describe("sidecar", () => {
  it("never leaves out a row group that holds the term", () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(anyBytes, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 6 }),
        fc.nat(),
        fc.nat(),
        fc.integer({ min: 1, max: 12 }),
        fc.boolean(),
        (groups, group, start, length, upper) => {
          const sidecar = sidecarOf(groups);
          const text = decoder.decode(groups[group % groups.length]?.[0]);
          const chars = [...text];
          const part = chars
            .slice(start % Math.max(1, chars.length))
            .slice(0, length)
            .join("");
          const term = upper ? part.toUpperCase() : fold(part);
          const found = sidecar.candidateRowGroups([term], {});
          groups.forEach((texts, index) => {
            const holds = texts.some((bytes) => fold(decoder.decode(bytes)).includes(fold(term)));
            if (holds) expect(found).toContain(index);
          });
        },
      ),
      { numRuns: 200 },
    );
  });

  it("never leaves out a filter's value, and tells absent ones apart", () => {
    const names = (group: number) => Array.from({ length: 50 }, (_, index) => `user-${group}-${index}`);
    const sidecar = sidecarOf([[], [], [], []], [names(0), names(1), names(2), names(3)]);
    for (let group = 0; group < 4; group += 1) {
      expect(sidecar.candidateRowGroups([], { user: `user-${group}-7` })).toContain(group);
    }
    const wrong = names(9).filter((user) => sidecar.candidateRowGroups([], { user }).length > 0);
    expect(wrong.length).toBeLessThan(12);
    expect(sidecar.candidateRowGroups([], { tenant: "not indexed" })).toEqual([0, 1, 2, 3]);
  });

  it("gives up a role whose values have no single text form", () => {
    const builder = createSidecarBuilder({ textColumns: [], filterRoles: ["user", "tenant"] });
    builder.addRowGroup({ texts: [], filters: { user: [1.5], tenant: [7n, true, null] } });
    const sidecar = openSidecar(builder.finish());
    expect(sidecar.candidateRowGroups([], { user: "anything" })).toEqual([0]);
    expect(sidecar.candidateRowGroups([], { tenant: "7" })).toEqual([0]);
    expect(sidecar.candidateRowGroups([], { tenant: "8" })).toEqual([]);
  });

  it("opens only the row group that holds a rare word, English or Chinese", () => {
    const texts = ["the quick brown fox", "数据库归档", "zylophantic marmalade", "冷存储分段", "plain text"];
    const sidecar = sidecarOf(texts.map((text) => [encoder.encode(text)]));
    expect(sidecar.candidateRowGroups(["ZYLOPHANTIC"], {})).toEqual([2]);
    expect(sidecar.candidateRowGroups(["归档"], {})).toEqual([1]);
    expect(sidecar.candidateRowGroups(["ow"], {})).toEqual([0, 1, 2, 3, 4]);
    expect(sidecar.candidateRowGroups(["brown fox"], {})).toEqual([0]);
    expect(sidecar.candidateRowGroups(["nowhereatall"], {})).toEqual([]);
  });

  it("refuses what is not a whole sidecar", () => {
    const bytes = createSidecarBuilder({ textColumns: [], filterRoles: [] }).finish();
    expect(() => openSidecar(bytes.subarray(0, bytes.length - 1))).toThrow(/cannot be used/);
    expect(() => openSidecar(encoder.encode("PAR1 something else"))).toThrow(/not a sidecar/);
    expect(() => openSidecar(new Uint8Array(3))).toThrow(/not a sidecar/);
  });
});
