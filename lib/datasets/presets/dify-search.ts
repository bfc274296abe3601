import type { Preset, PresetTable } from "@/lib/datasets/presets/preset";

const COMMON: Pick<PresetTable, "time" | "parent" | "keepDays"> = {
  time: { column: "created_at", bigintUnit: "ms" },
  parent: null,
  keepDays: 90,
};

/**
 * Dify with its logs in Elasticsearch: one series of monthly indices for each tenant and each of the three logs, as
 * `dify-workflow-runs-<tenant>-2025.01`. Indices do not hang on each other: each series moves by itself.
 */
export const difySearch: Preset = {
  name: "dify-elasticsearch",
  tables: [
    {
      ...COMMON,
      table: "dify-workflow-runs",
      pattern: /^dify-workflow-runs-.+-\{YYYY\.MM\}$/,
      needs: ["id", "tenant_id", "app_id", "workflow_id", "status", "created_at"],
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
    },
    {
      ...COMMON,
      table: "dify-workflow-node-executions",
      pattern: /^dify-workflow-node-executions-.+-\{YYYY\.MM\}$/,
      needs: ["id", "tenant_id", "node_id", "node_type", "created_at"],
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
    },
    {
      ...COMMON,
      table: "dify-workflow-app-logs",
      pattern: /^dify-workflow-app-logs-.+-\{YYYY\.MM\}$/,
      needs: ["id", "tenant_id", "app_id", "workflow_run_id", "created_at"],
      roles: {
        tenant: "tenant_id",
        user: "created_by",
        status: null,
        model: null,
        tokens: null,
        text: [],
        prompt: null,
        answer: null,
      },
    },
  ],
};
