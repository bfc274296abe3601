import type { Preset } from "@/lib/datasets/presets/preset";

const PAYLOADS = ["inputs", "outputs"];
const ON_RUN = { table: "workflow_runs", column: "workflow_run_id", parentColumn: "id" };
const CREATED = { column: "created_at", bigintUnit: "s" } as const;

/** Dify 1.x: workflow runs with all that hangs on them; messages and conversations each by themselves. */
export const dify: Preset = {
  name: "dify",
  tables: [
    {
      table: "workflow_runs",
      needs: ["id", "tenant_id", "app_id", "workflow_id", "status", "created_at", "total_tokens"],
      time: CREATED,
      roles: {
        tenant: "tenant_id",
        user: "created_by",
        status: "status",
        model: null,
        tokens: "total_tokens",
        text: [...PAYLOADS, "error"],
        prompt: "inputs",
        answer: "outputs",
      },
      parent: null,
      keepDays: 90,
    },
    {
      table: "workflow_node_executions",
      needs: ["id", "workflow_run_id", "node_id", "node_type", "created_at"],
      time: CREATED,
      roles: {
        tenant: "tenant_id",
        user: "created_by",
        status: "status",
        model: null,
        tokens: null,
        text: [...PAYLOADS, "process_data", "error", "title"],
        prompt: "inputs",
        answer: "outputs",
      },
      parent: ON_RUN,
      keepDays: 90,
    },
    {
      table: "workflow_app_logs",
      needs: ["id", "workflow_run_id", "app_id", "created_at"],
      time: CREATED,
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
      parent: ON_RUN,
      keepDays: 90,
    },
    {
      table: "messages",
      needs: ["id", "app_id", "conversation_id", "query", "answer", "created_at"],
      time: CREATED,
      roles: {
        tenant: null,
        user: "from_end_user_id",
        status: "status",
        model: "model_id",
        tokens: "answer_tokens",
        text: ["query", "answer", "error"],
        prompt: "query",
        answer: "answer",
      },
      parent: null,
      keepDays: 90,
    },
    {
      table: "conversations",
      needs: ["id", "app_id", "mode", "from_source", "created_at"],
      time: CREATED,
      roles: {
        tenant: null,
        user: "from_end_user_id",
        status: "status",
        model: "model_id",
        tokens: null,
        text: ["name", "summary", "introduction"],
        prompt: "name",
        answer: "summary",
      },
      parent: null,
      keepDays: null,
    },
  ],
};
