import { afterEach, beforeEach, expect, test } from "vitest";
import { commitSegment } from "@/lib/segments/commit";
import { openScratch, type Scratch, sampleBatch, writeSample } from "@/lib/segments/fixture";
import { findRows, keyId, readSegment } from "@/lib/segments/read";

const signal = AbortSignal.timeout(120_000);
let scratch: Scratch;

beforeEach(async () => {
  scratch = await openScratch();
});
afterEach(() => scratch.remove());

test("rows come back as they were written", async () => {
  const written = await writeSample(scratch.scratchDir, 9_500);
  const { manifest, proved } = await commitSegment(scratch.objects, written, signal);
  expect(proved.rowCount).toBe(9_500n);
  expect(manifest.rowGroups.map(({ rowCount }) => rowCount)).toEqual([2000, 2000, 2000, 2000, 1500]);
  let from = 0;
  for await (const batch of readSegment(scratch.objects, manifest, {}, signal)) {
    const source = sampleBatch(from, from + batch.rowCount);
    expect(batch.digests.map(hex)).toEqual(source.digests.map(hex));
    for (const [index, vector] of batch.vectors.entries()) {
      const expected = source.vectors[index];
      expect(vector.values.map(plain), vector.name).toEqual(expected?.values.map(plain));
      expect(vector.exact).toEqual(expected?.exact);
    }
    from += batch.rowCount;
  }
  expect(from).toBe(9_500);
});

test("rows are found by key and read by position", async () => {
  const { manifest } = await commitSegment(
    scratch.objects,
    await writeSample(scratch.scratchDir, 5_000),
    signal,
  );
  const found = await findRows(scratch.objects, manifest, [["00004321"], ["00000007"], ["absent"]], signal);
  expect(found).toEqual(
    new Map([
      [keyId(["00000007"]), 7],
      [keyId(["00004321"]), 4321],
    ]),
  );
  const batches = [];
  for await (const batch of readSegment(
    scratch.objects,
    manifest,
    { rows: [7, 4321], columns: ["tokens"] },
    signal,
  ))
    batches.push(batch);
  expect(batches.map(({ positions }) => positions)).toEqual([[7], [4321]]);
  expect(batches.map(({ vectors }) => vectors[0]?.values)).toEqual([[217n], [133_951n]]);
  expect(batches.map(({ end }) => end)).toEqual([
    ["2026-01-01 00:00:10.5", "00000007"],
    ["2026-01-01 01:48:01.5", "00004321"],
  ]);
});

const hex = (value: Uint8Array) => Buffer.from(value).toString("hex");
const plain = (value: unknown) => (value instanceof Uint8Array ? hex(value) : value);
