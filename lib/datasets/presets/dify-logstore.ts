import type { Preset, PresetTable } from "@/lib/datasets/presets/preset";

/** Dify keeps instants as ISO text here. */
const CREATED = { column: "created_at", bigintUnit: "s" } as const;

const runs = (table: string): PresetTable => ({
  table,
  needs: ["id", "tenant_id", "app_id", "status", "created_at", "log_version"],
  time: CREATED,
  roles: {
    tenant: "tenant_id",
    user: "created_by",
    status: "status",
    model: null,
    tokens: "total_tokens",
    text: ["inputs", "outputs", "error"],
    prompt: "inputs",
    answer: "outputs",
  },
  parent: null,
  keepDays: 90,
});

const nodes = (table: string): PresetTable => ({
  table,
  needs: ["id", "workflow_run_id", "node_id", "created_at", "log_version"],
  time: CREATED,
  roles: {
    tenant: "tenant_id",
    user: "created_by",
    status: "status",
    model: null,
    tokens: null,
    text: ["inputs", "outputs", "process_data", "error", "title"],
    prompt: "inputs",
    answer: "outputs",
  },
  // Logstores stand alone: nothing hangs on another.
  parent: null,
  keepDays: 90,
});

/**
 * Dify with its workflow runs in Aliyun's LogStore, under the names of its migration guide and those it makes itself.
 * `log_version` tells them from the tables of the same names in PostgreSQL.
 */
export const difyLogstore: Preset = {
  name: "dify-logstore",
  tables: [
    runs("workflow_runs"),
    nodes("workflow_node_executions"),
    runs("workflow_execution"),
    nodes("workflow_node_execution"),
  ],
};
