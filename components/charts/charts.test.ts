import { describe, expect, test } from "vitest";
import { generatedRanges, largestValue, limitSeries, withGaps } from "./chart-data";
import { formatValue, timeTicks, valueScale } from "./chart-format";
import type { ChartPoint, ChartSeries } from "./chart-types";

const series = (count: number): ChartSeries[] =>
  Array.from({ length: count }, (_, index) => ({ key: `s${index}`, label: `s${index}`, tone: "1" }));
const point = (atMs: number, values: Record<string, number | null>, generated = false): ChartPoint => ({
  atMs,
  values,
  generated,
});

describe("series", () => {
  test("at most five, the rest summed", () => {
    const values = { s0: 1, s1: 20, s2: 30, s3: 40, s4: 50, s5: 2 };
    const limited = limitSeries({ series: series(6), points: [point(0, values)] }, "others");
    expect(limited.series.map(({ key }) => key)).toEqual(["s1", "s2", "s3", "s4", "others"]);
    expect(limited.points[0]?.values.others).toBe(3);
  });
  test("the sum of nothing known is a gap", () => {
    const limited = limitSeries({ series: series(6), points: [point(0, { s1: 5 })] }, "others");
    expect(limited.points[0]?.values.others).toBeNull();
  });
  test("the axis reaches the sum when stacked", () => {
    const data = { series: series(2), points: [point(0, { s0: 3, s1: 4 }), point(1, { s0: 5, s1: null })] };
    expect(largestValue(data, "stacked")).toBe(7);
    expect(largestValue(data, "apart")).toBe(5);
  });
});

describe("time", () => {
  test("a missing stretch becomes a gap", () => {
    const filled = withGaps([point(0, { a: 1 }), point(10, { a: 1 }), point(100, { a: 1 })], 10);
    expect(filled.map(({ atMs }) => atMs)).toEqual([0, 10, 20, 100]);
    expect(filled[2]?.values).toEqual({});
  });
  test("generated stretches reach to the first measured point", () => {
    const points = [
      point(0, { a: 1 }, true),
      point(10, { a: 1 }, true),
      point(20, { a: 1 }),
      point(30, { a: 1 }),
    ];
    expect(generatedRanges(points)).toEqual([{ fromMs: 0, untilMs: 20 }]);
  });
  test("labels are as fine as the range", () => {
    const labels = (days: number) =>
      timeTicks(
        { fromMs: Date.UTC(2026, 0, 1), untilMs: Date.UTC(2026, 0, 1) + days * 86_400_000 },
        2,
        {},
      ).map(({ label }) => label);
    expect(labels(1)).toEqual(["00:00", "00:00"]);
    expect(labels(30)).toEqual(["1 Jan", "31 Jan"]);
    expect(labels(800)[0]).toBe("Jan 2026");
  });
});

describe("values", () => {
  const plain = (texts: string[]) => texts.map((text) => text.replaceAll("\u00a0", " "));
  test("axes start at zero and end above the largest value", () => {
    expect(plain(valueScale(870 * 1024 ** 3, "bytes", "en").labels)).toEqual(["0", "500 GB", "1,000 GB"]);
    expect(plain(valueScale(4_100_000, "count", "en").labels)).toEqual(["0", "2 M", "4 M", "6 M"]);
    expect(plain(valueScale(4_100_000, "count", "zh").labels)).toEqual(["0", "200 万", "400 万", "600 万"]);
    expect(valueScale(0, "count", "en").ticks).toEqual([0, 1]);
    expect(plain(valueScale(38, "ms", "en").labels)).toEqual(["0", "20 ms", "40 ms"]);
  });
  test("nothing known is a dash", () => {
    expect(formatValue(null, "bytes", "en")).toBe("–");
  });
});
