import { expect, test } from "vitest";
import type { DatasetDto } from "@/lib/schemas/dataset";
import type { StoreDto } from "@/lib/schemas/store";
import { type AttentionFacts, attention } from "@/lib/services/overview/attention";
import type { Ability } from "@/lib/stores/store";

const store = (storeId: string, kind: string, writesEnabled = true): StoreDto => ({
  storeId,
  name: storeId,
  kind,
  kindLabel: kind,
  version: null,
  state: "healthy",
  stateSince: "2026-01-01T00:00:00.000Z",
  failure: null,
  healthAt: null,
  writesEnabled,
  latencyP95Ms: null,
  sizeBytes: null,
  freeBytes: null,
  growthBytesPerWeek: null,
  latency: [],
  datasetCount: 1,
  segmentCount: 0,
});

const late: DatasetDto = {
  leavesBy: "delete",
  datasetId: "d",
  name: "events",
  storeId: "app",
  storeName: "app",
  storeState: "healthy",
  schemaName: "",
  tableName: "events",
  preset: null,
  parentId: null,
  parentName: null,
  childCount: 0,
  hot: null,
  archive: null,
  cold: { rowCount: 0, sizeBytes: 0, sourceBytes: 0, segmentCount: 0, missingCount: 0 },
  statsAt: null,
  oldestAt: null,
  keepDays: 30,
  lateDays: 5,
  deadRatio: null,
  lastVacuumAt: null,
  lastAnalyzeAt: null,
  growthBytesPerWeek: null,
  operationId: null,
};

const ABILITIES: Record<string, Ability[]> = {
  table: ["rows", "moveRows"],
  index: ["rows", "deleteRows"],
  bucket: ["objects"],
};

const keys = (stores: StoreDto[], dataset: DatasetDto = late): string[] => {
  const facts: AttentionFacts = {
    now: new Date("2026-03-01"),
    stores,
    datasets: [dataset],
    operations: [],
    workers: 1,
    can: (kind, ability) => ABILITIES[kind]?.includes(ability) ?? false,
    offers: (kind) => kind === "table",
  };
  return attention(facts).map(({ key }) => key);
};

test("only what its store can do something about is said of a table", () => {
  const tired: DatasetDto = {
    ...late,
    statsAt: "2026-03-01",
    deadRatio: 0.9,
    hot: { rowCount: 1, sizeBytes: 1e9 },
  };
  expect(keys([store("app", "table")], tired)).toEqual(expect.arrayContaining(["deadRows", "neverAnalyzed"]));
  const elsewhere = keys([store("app", "index")], tired);
  expect(elsewhere).not.toContain("deadRows");
  expect(elsewhere).not.toContain("neverAnalyzed");
});

test("a dataset past its retention that can go nowhere says so", () => {
  expect(keys([store("app", "index")])).toContain("noArchiveTarget");
  expect(keys([store("app", "index"), store("cold", "bucket", false)])).toContain("noArchiveTarget");
});

test("one that can, or that need not yet, does not", () => {
  expect(keys([store("app", "table")])).not.toContain("noArchiveTarget");
  expect(keys([store("app", "index"), store("cold", "bucket")])).not.toContain("noArchiveTarget");
  expect(keys([store("app", "index")], { ...late, lateDays: 0 })).toEqual([]);
});
