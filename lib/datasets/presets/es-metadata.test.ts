import { expect, test } from "vitest";
import { proposeTables } from "@/lib/datasets/discovery";

const table = (name: string, columns: Record<string, string>) => ({
  ref: { schema: "public", name },
  kind: "table",
  rowCount: 1,
  sizeBytes: 1,
  key: ["id"],
  columns: Object.entries(columns).map(([column, type]) => ({ name: column, type })),
});

test("the metadata tables of a search platform are known, logically deleted rows by their status", () => {
  const [containers, quota, metrics, other] = proposeTables([
    table("tenant_containers", {
      id: "varchar(255)",
      tenant_org_id: "varchar(255)",
      user_id: "varchar(255)",
      service_name: "varchar(255)",
      status: "varchar(50)",
      created_at: "timestamp",
      deleted: "boolean",
    }),
    table("tenant_quota", {
      id: "varchar(255)",
      tenant_org_id: "varchar(255)",
      created_at: "timestamp",
      deleted: "boolean",
    }),
    table("monitoring_metrics", { id: "bigint", timestamp: "timestamptz", metrics: "jsonb" }),
    table("tenant_containers_old", { id: "bigint" }),
  ]);
  expect(containers).toMatchObject({
    preset: "es-metadata",
    roles: { status: "status", tenant: "tenant_org_id" },
  });
  expect(quota?.roles).toMatchObject({
    status: "deleted",
    time: { column: "created_at", unit: "timestamp" },
  });
  expect(metrics).toMatchObject({ preset: "es-metadata", keepDays: 30, roles: { text: ["metrics"] } });
  expect(other?.preset).toBeNull();
});
