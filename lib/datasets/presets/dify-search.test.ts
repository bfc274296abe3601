import { expect, test } from "vitest";
import { proposeTables } from "@/lib/datasets/discovery";
import { matchPreset } from "@/lib/datasets/presets/match";
import { columnsOf, type FieldMapping } from "@/lib/stores/elasticsearch/mapper";

const keyword: FieldMapping = { type: "keyword" };
const FIELDS: Record<string, FieldMapping> = {
  ...{ id: keyword, tenant_id: keyword, app_id: keyword, workflow_id: keyword, status: keyword },
  created_by: keyword,
  created_at: { type: "date" },
  total_tokens: { type: "long" },
  inputs: { type: "text" },
  outputs: { type: "object", enabled: false },
  error: { type: "text" },
};
const table = (name: string, properties = FIELDS) => ({
  ref: { schema: "series", name },
  kind: "series",
  rowCount: 1,
  sizeBytes: 1,
  columns: columnsOf([{ properties }], true),
  key: ["_index", "_id"],
});

test("Dify's monthly indices of a tenant are proposed with their roles", () => {
  const [proposal] = proposeTables([table("dify-workflow-runs-8f3b-2c-{YYYY.MM}")]);
  expect(proposal).toMatchObject({
    preset: "dify-elasticsearch",
    roles: {
      key: ["_index", "_id"],
      time: { column: "created_at", unit: "timestamptz" },
      tenant: "tenant_id",
      tokens: "total_tokens",
      text: ["inputs", "outputs", "error"],
    },
    keepDays: 90,
    parent: null,
  });
});

test.each([
  ["dify-workflow-runs-t1", FIELDS],
  ["dify-workflow-runs-t1-{YYYY.MM}", { id: keyword }],
  ["workflow-runs-t1-{YYYY.MM}", FIELDS],
])("%s is taken for nothing it is not", (name, properties) => {
  expect(matchPreset(table(name, properties))).toBeNull();
});

test("a series of another application gets a guess", () => {
  const [proposal] = proposeTables([table("gateway-{YYYY.MM}")]);
  expect(proposal).toMatchObject({
    preset: null,
    roles: {
      key: ["_index", "_id"],
      time: { column: "created_at", unit: "timestamptz" },
      tokens: "total_tokens",
    },
  });
});
