import { describe, expect, test } from "vitest";
import { dayOf, dayStart } from "./day";

describe("days of a zone", () => {
  test("begin when the zone's clock says so", () => {
    expect(dayStart("2026-03-01", "UTC")).toBe("2026-03-01T00:00:00.000Z");
    expect(dayStart("2026-03-01", "Asia/Shanghai")).toBe("2026-02-28T16:00:00.000Z");
    expect(dayStart("2026-03-29", "Europe/Berlin")).toBe("2026-03-28T23:00:00.000Z");
    expect(dayStart("2026-03-30", "Europe/Berlin")).toBe("2026-03-29T22:00:00.000Z");
    expect(dayStart("2026-03-29", "Europe/Berlin", 1)).toBe("2026-03-29T22:00:00.000Z");
  });

  test("come back as they were", () => {
    for (const zone of ["UTC", "Asia/Shanghai", "America/New_York", "Australia/Lord_Howe"]) {
      expect(dayOf(dayStart("2026-11-01", zone), zone)).toBe("2026-11-01");
      expect(dayOf(dayStart("2026-11-01", zone, 1), zone, 1)).toBe("2026-11-01");
    }
  });

  test("are nothing when they are nothing", () => {
    expect(dayStart("", "UTC")).toBeNull();
    expect(dayStart("2026-13-45", "UTC")).toBeNull();
    expect(dayStart("<script>", "UTC")).toBeNull();
    expect(dayOf(null, "UTC")).toBe("");
    expect(dayOf("never", "UTC")).toBe("");
  });
});
