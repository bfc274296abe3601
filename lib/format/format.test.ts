import { describe, expect, test } from "vitest";
import { bytesScale, formatBytes, formatBytesChange, formatBytesExact } from "./bytes";
import { formatCount, formatCountShort } from "./count";
import { formatDuration, formatDurationRange } from "./duration";
import { formatExact } from "./numeric";
import { formatPercent, formatProgress } from "./percent";
import { formatByteRate, formatRowRate } from "./rate";
import {
  formatClock,
  formatDate,
  formatDateTime,
  formatDay,
  formatExactTime,
  formatMonth,
  formatRelative,
} from "./time";

const plain = (text: string): string => text.replaceAll("\u00a0", " ");
const GB = 1024 ** 3;

describe("bytes", () => {
  test.each([
    [0, "0 B"],
    [812, "812 B"],
    [1023, "1,023 B"],
    [1024, "1.0 KB"],
    [1024 * 1023.9, "1.0 MB"],
    [9.4 * GB, "9.4 GB"],
    [54 * GB, "54.0 GB"],
    [99.94 * GB, "99.9 GB"],
    [99.96 * GB, "100 GB"],
    [212n * 1024n ** 3n, "212 GB"],
    ["797000000000000", "725 TB"],
    [-2048, "-2.0 KB"],
  ])("%s is %s", (value, expected) => expect(plain(formatBytes(value))).toBe(expected));
  test("growth has its sign", () => {
    expect(plain(formatBytesChange(1.9 * GB))).toBe("+1.9 GB");
    expect(plain(formatBytesChange(-2048n))).toBe("−2.0 KB");
    expect(plain(formatBytesChange(0))).toBe("0 B");
  });
  test("the exact figure keeps every digit", () => {
    expect(formatBytesExact("9007199254740993")).toBe("9,007,199,254,740,993");
  });
  test("a chart's scale fits its largest value", () => {
    expect(bytesScale(3 * GB)).toEqual({ unit: "GB", divisor: GB });
    expect(bytesScale(0)).toEqual({ unit: "B", divisor: 1 });
  });
});

describe("counts", () => {
  test.each([
    [0, "0", "0"],
    [9_999_999, "9,999,999", "9,999,999"],
    [41_208_112n, "41.2 M", "4,121 万"],
    ["41208112", "41.2 M", "4,121 万"],
    [123_456_789, "123 M", "1.2 亿"],
    [2_500_000_000, "2.5 B", "25.0 亿"],
    [-41_208_112, "-41.2 M", "-4,121 万"],
  ])("%s is %s and %s", (value, en, zh) => {
    expect(plain(formatCount(value))).toBe(en);
    expect(plain(formatCount(value, "zh"))).toBe(zh);
  });
  test("short for an axis", () => {
    expect(plain(formatCountShort(9_500))).toBe("9,500");
    expect(plain(formatCountShort(50_000))).toBe("50 k");
    expect(plain(formatCountShort(2_000_000))).toBe("2 M");
    expect(plain(formatCountShort(2_000_000, "zh"))).toBe("200 万");
  });
  test("exact beyond what a number holds", () => {
    expect(formatExact(9007199254740993n)).toBe("9,007,199,254,740,993");
  });
});

describe("durations", () => {
  test.each([
    [0, "0 ms", "0 毫秒"],
    [3.25, "3.3 ms", "3.3 毫秒"],
    [340, "340 ms", "340 毫秒"],
    [999.6, "1 s", "1 秒"],
    [4_200, "4.2 s", "4.2 秒"],
    [59_700, "1 min", "1 分"],
    [260_000, "4 min 20 s", "4 分 20 秒"],
    [720_000, "12 min", "12 分"],
    [4_320_000, "1 h 12 min", "1 小时 12 分"],
    [3_599_999, "1 h", "1 小时"],
    [86_399_999, "1 d", "1 天"],
    [(3 * 24 + 4) * 3_600_000, "3 d 4 h", "3 天 4 小时"],
  ])("%s is %s and %s", (ms, en, zh) => {
    expect(plain(formatDuration(ms))).toBe(en);
    expect(plain(formatDuration(ms, "zh"))).toBe(zh);
  });
  test("ranges share a unit where they can", () => {
    expect(plain(formatDurationRange(1_440_000, 1_860_000))).toBe("24–31 min");
    expect(plain(formatDurationRange(4_200_000, 6_000_000))).toBe("1 h 10 min – 1 h 40 min");
    expect(plain(formatDurationRange(60_000, 60_000))).toBe("1 min");
  });
});

describe("percent and rates", () => {
  test.each([
    [0, "0 %"],
    [0.0002, "<0.1 %"],
    [0.041, "4.1 %"],
    [0.63, "63 %"],
    [0.9999, "99 %"],
    [1, "100 %"],
  ])("%s is %s", (ratio, expected) => expect(plain(formatPercent(ratio))).toBe(expected));
  test("progress rounds down", () => {
    expect(plain(formatProgress(0.999999))).toBe("99 %");
    expect(formatProgress(1, "zh")).toBe("100%");
    expect(plain(formatProgress(0.29))).toBe("29 %");
  });
  test("rates", () => {
    expect(plain(formatByteRate(31.8 * 1024 ** 2))).toBe("31.8 MB/s");
    expect(plain(formatRowRate(5214.4))).toBe("5,214 rows/s");
    expect(plain(formatRowRate(0.5, "zh"))).toBe("0.5 行/秒");
  });
});

describe("times", () => {
  const at = "2026-08-22T06:52:31Z";
  const shanghai = { timeZone: "Asia/Shanghai" };
  test("local, in the reader's zone", () => {
    expect(formatDate(at, shanghai)).toBe("22 Aug 2026");
    expect(formatDay(at)).toBe("22 Aug");
    expect(formatDateTime(at, shanghai)).toBe("22 Aug 2026 14:52");
    expect(formatDateTime(at, { ...shanghai, locale: "zh" })).toBe("2026年8月22日 14:52");
    expect(formatClock("2026-08-22T00:05:00Z")).toBe("00:05");
    expect(formatExactTime(at, shanghai)).toBe("22 Aug 2026 14:52:31 GMT+8");
    expect(formatDate("2026-09-01T00:00:00Z")).toBe("1 Sep 2026");
    expect(formatDate("nonsense")).toBe("–");
  });
  test("months", () => {
    expect(formatMonth("2026-08")).toBe("Aug 2026");
    expect(formatMonth("2026-08", "zh")).toBe("2026年8月");
    expect(formatMonth("2026-08", "en", "short")).toBe("Aug");
  });
  test.each([
    [0, "just now", "刚刚"],
    [2_000, "2 s ago", "2 秒前"],
    [180_000, "3 min ago", "3 分钟前"],
    [86_399_000, "23 h ago", "23 小时前"],
    [-300_000, "in 5 min", "5 分钟后"],
    [86_400_000, "21 Aug 2026 06:52", "2026年8月21日 06:52"],
  ])("%s ms before now is %s and %s", (ms, en, zh) => {
    const now = new Date(at);
    expect(plain(formatRelative(now.getTime() - ms, now))).toBe(en);
    expect(plain(formatRelative(now.getTime() - ms, now, { locale: "zh" }))).toBe(zh);
  });
});
