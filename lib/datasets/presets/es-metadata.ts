import type { Preset, PresetTable } from "@/lib/datasets/presets/preset";

const CREATED = { column: "created_at", bigintUnit: "ms" } as const;
const MEASURED = { column: "timestamp", bigintUnit: "ms" } as const;

type Parts = Pick<PresetTable, "table" | "needs" | "time" | "keepDays"> & Partial<PresetTable["roles"]>;

const table = ({ table: name, needs, time, keepDays, ...roles }: Parts): PresetTable => ({
  table: name,
  needs,
  time,
  keepDays,
  parent: null,
  roles: {
    tenant: null,
    user: null,
    status: null,
    model: null,
    tokens: null,
    text: [],
    prompt: null,
    answer: null,
    ...roles,
  },
});

/**
 * The metadata of a multi-tenant search platform. Its rows are deleted logically (`deleted`), so the tables only grow:
 * the two of metrics are the ones to archive, the others are kept as long as their tenants are.
 */
export const esMetadata: Preset = {
  name: "es-metadata",
  tables: [
    table({
      table: "tenant_containers",
      needs: ["id", "tenant_org_id", "service_name", "deleted"],
      time: CREATED,
      tenant: "tenant_org_id",
      user: "user_id",
      status: "status",
      keepDays: null,
    }),
    table({
      table: "index_metadata",
      needs: ["id", "index_name", "deleted"],
      time: CREATED,
      tenant: "tenant_org_id",
      user: "user_id",
      status: "deleted",
      keepDays: null,
    }),
    table({
      table: "tenant_quota",
      needs: ["id", "tenant_org_id", "deleted"],
      time: CREATED,
      tenant: "tenant_org_id",
      status: "deleted",
      keepDays: null,
    }),
    table({
      table: "deployment_status",
      needs: ["id", "status", "deleted"],
      time: CREATED,
      tenant: "tenant_org_id",
      user: "user_id",
      status: "status",
      text: ["message", "details", "error"],
      keepDays: null,
    }),
    table({
      table: "monitoring_metrics",
      needs: ["id", "timestamp"],
      time: MEASURED,
      tenant: "tenant_org_id",
      user: "user_id",
      text: ["metrics", "data", "labels"],
      keepDays: 30,
    }),
    table({
      table: "container_metrics",
      needs: ["id", "timestamp"],
      time: MEASURED,
      tenant: "tenant_org_id",
      user: "user_id",
      text: ["metrics", "data", "labels"],
      keepDays: 30,
    }),
  ],
};
