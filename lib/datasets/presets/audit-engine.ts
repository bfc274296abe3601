import type { Preset } from "@/lib/datasets/presets/preset";

/** The audit engine: executions of workflows and, node by node, their logs. */
export const auditEngine: Preset = {
  name: "audit-engine",
  tables: [
    {
      table: "execution_history",
      needs: ["id", "workflow_id", "created_at", "status"],
      time: { column: "created_at", bigintUnit: "ms" },
      roles: {
        tenant: "project_id",
        user: "user_id",
        status: "status",
        model: null,
        tokens: null,
        text: ["input", "output", "inputs", "outputs", "result", "error"],
        prompt: "input",
        answer: "output",
      },
      parent: null,
      keepDays: 30,
    },
    {
      table: "node_execution_logs",
      needs: ["id", "execution_id"],
      time: { column: "created_at", bigintUnit: "ms" },
      roles: {
        tenant: null,
        user: null,
        status: "status",
        model: "model",
        tokens: "tokens",
        text: ["input", "output", "message", "error"],
        prompt: "input",
        answer: "output",
      },
      parent: { table: "execution_history", column: "execution_id", parentColumn: "id" },
      keepDays: 30,
    },
    {
      table: "performance_metrics",
      needs: ["id", "created_at"],
      time: { column: "created_at", bigintUnit: "ms" },
      roles: {
        tenant: "project_id",
        user: null,
        status: null,
        model: null,
        tokens: null,
        text: [],
        prompt: null,
        answer: null,
      },
      parent: null,
      keepDays: 30,
    },
  ],
};
