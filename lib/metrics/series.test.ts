import { afterAll, beforeAll, expect, test } from "vitest";
import { pool } from "@/lib/control/database";
import { type TestControl, testControl } from "@/lib/control/testing";
import { growthPerWeek, totalGrowth } from "@/lib/metrics/growth";
import { healthHistory, latencySeries, latencyTiles } from "@/lib/metrics/latency";
import { rolledUntil, rollUp } from "@/lib/metrics/rollup";
import { series, stepOf } from "@/lib/metrics/series";
import { type Sample, writeHours, writeSamples } from "@/lib/metrics/write";

let control: TestControl;
beforeAll(async () => {
  control = await testControl();
});
afterAll(() => control.drop());

const now = new Date("2026-03-10T12:00:00Z");
const ago = (minutes: number) => new Date(now.getTime() - minutes * 60_000);
const hour = { from: ago(60), until: now, maxPoints: 300, now };

const latency = (subjectId: string, fromMin: number, untilMin: number): Sample[] =>
  Array.from({ length: (fromMin - untilMin) * 4 }, (_, index) => ({
    subjectId,
    metric: "latencyMs",
    at: new Date(ago(fromMin).getTime() + index * 15_000),
    value: 10 + (index % 10),
  }));

test("a stretch without samples is a gap, not a zero", async () => {
  await writeSamples([...latency("gap", 60, 40), ...latency("gap", 20, 0)], now);
  const line = await series("gap", "latencyMs", hour);
  expect(line.stepMs).toBe(15_000);
  expect(line.points).toHaveLength(240);
  expect(line.points[0]?.value).toBe(10);
  expect(line.points[120]?.value).toBeNull();
  expect(line.points.filter((point) => point.value === null)).toHaveLength(80);
});

test("late and repeated samples change nothing", async () => {
  const samples = latency("twice", 30, 0);
  await writeSamples(samples, now);
  await writeSamples(
    samples.map((sample) => ({ ...sample, value: 999 })),
    now,
  );
  await writeSamples(
    [{ subjectId: "twice", metric: "latencyMs", at: new Date("2025-01-01Z"), value: 1 }],
    now,
  );
  const { rows } = await pool().query(
    "SELECT count(*)::int AS n, max(value) AS max FROM samples.raw WHERE subject_id = 'twice'",
  );
  expect(rows[0]).toEqual({ n: 120, max: 19 });
});

test("never draws more than a thousand points and keeps to the measuring interval", () => {
  const year = { from: new Date("2025-03-10Z"), until: new Date("2026-03-10Z"), maxPoints: 5_000 };
  expect(stepOf(3_600_000, year)).toBe(9 * 3_600_000);
  expect(stepOf(15_000, { from: ago(60), until: now, maxPoints: 10 })).toBe(360_000);
});

test("hours count a sample that came late, and a measured hour replaces a made one", async () => {
  const at = ago(90);
  await writeHours([{ subjectId: "late", metric: "latencyMs", at, value: 500, generated: true }], now);
  await writeSamples([{ subjectId: "late", metric: "latencyMs", at, value: 10 }], now);
  await rollUp(ago(180), now);
  await writeSamples([{ subjectId: "late", metric: "latencyMs", at: ago(91), value: 30 }], now);
  await rollUp(ago(180), now);
  const { rows } = await pool().query(
    "SELECT min, max, avg, count, generated FROM samples.hour WHERE subject_id = 'late'",
  );
  expect(rows).toEqual([{ min: 10, max: 30, avg: 20, count: 2, generated: false }]);
  expect((await rolledUntil(now)).getTime()).toBeLessThan(now.getTime());
});

test("history that was made is drawn, and marked as such", async () => {
  const hours = Array.from({ length: 24 * 90 }, (_, index) => ({
    subjectId: "made",
    metric: "hotBytes" as const,
    at: new Date(now.getTime() - (index + 1) * 3_600_000),
    value: 1_000_000 - index * 100,
    generated: true,
  }));
  await writeHours(hours, now);
  const range = { from: new Date(now.getTime() - 90 * 86_400_000), until: now, maxPoints: 300, now };
  const line = await series("made", "hotBytes", range);
  expect(line.generated).toBe(true);
  expect(line.points.length).toBeLessThanOrEqual(301);
  expect(line.points.filter((point) => point.value === null).length).toBeLessThanOrEqual(1);
  const growth = await growthPerWeek(["made", "unknown"], "hotBytes", now);
  expect(growth.get("made")).toBeCloseTo(100 * 24 * 7, -1);
  expect(growth.has("unknown")).toBe(false);
  const total = await totalGrowth(["made"], 30, now);
  expect(total).toHaveLength(30);
  expect(total.at(-1)).toMatchObject({ hotBytes: 1_000_000, archiveBytes: 0, generated: true });
});

test("latency percentiles, tiles and health of one store", async () => {
  await writeSamples(latency("store", 60, 0), now);
  const up = latency("store", 60, 0).map(
    (sample, index): Sample => ({ ...sample, metric: "up", value: index >= 100 && index < 120 ? 0 : 1 }),
  );
  await writeSamples(up, now);
  const points = await latencySeries("store", hour);
  expect(points.some((point) => point.p50 !== null && point.p99 !== null && point.p50 <= point.p99)).toBe(
    true,
  );
  const tiles = await latencyTiles(["store", "nobody"], now);
  expect(tiles.get("store")?.p95Ms).toBeGreaterThan(17);
  expect(tiles.get("store")?.points).toHaveLength(48);
  expect(tiles.get("nobody")).toMatchObject({ p95Ms: null });
  const history = await healthHistory("store", hour);
  expect(history.spans.map((span) => span.state)).toEqual(["up", "down", "up"]);
  expect(history.upRatio).toBeCloseTo(220 / 240, 3);
});
