import { join } from "node:path";
import type { DemoFile } from "@/lib/demo/demo-file";
import type { ParentLink, Roles } from "@/lib/schemas/dataset";

/** A store of the demo as its form would send it. */
export interface DemoStore {
  name: "aiapps" | "cold";
  kind: "postgres" | "folder";
  writesEnabled: boolean;
  config: Record<string, string | number>;
}

export interface DemoDataset {
  name: string;
  store: "aiapps";
  schemaName: string;
  tableName: string;
  preset: "dify" | "new-api" | "gateway";
  roles: Roles;
  /** Name of the dataset that this one hangs on. */
  parent?: string;
  parentLink?: ParentLink;
  /** Days that rows should stay hot; null: nobody has decided yet. */
  keepDays: number | null;
}

/** The demo's two stores: the applications' database with writes switched on, and a folder for cold segments. */
export const demoStores = (file: DemoFile, dataDir: string): DemoStore[] => [
  {
    name: "aiapps",
    kind: "postgres",
    writesEnabled: true,
    config: {
      host: file.host,
      port: file.port,
      database: file.database,
      user: file.user,
      password: file.password,
    },
  },
  { name: "cold", kind: "folder", writesEnabled: true, config: { path: join(dataDir, "cold") } },
];

const NONE: Roles = {
  key: ["id"],
  time: { column: "created_at", unit: "timestamp" },
  tenant: null,
  user: null,
  status: null,
  model: null,
  tokens: null,
  text: [],
  prompt: null,
  answer: null,
};

const dify = { store: "aiapps", schemaName: "dify", preset: "dify" } as const;
const ofRun = { parent: "workflow_runs", parentLink: { column: "workflow_run_id", parentColumn: "id" } };

/** The demo's datasets, parents before children. The node executions and app logs move with their run. */
export const DEMO_DATASETS: readonly DemoDataset[] = [
  {
    ...dify,
    name: "workflow_runs",
    tableName: "workflow_runs",
    keepDays: 90,
    roles: {
      ...NONE,
      tenant: "tenant_id",
      user: "created_by",
      status: "status",
      tokens: "total_tokens",
      text: ["inputs", "outputs", "error"],
      prompt: "inputs",
      answer: "outputs",
    },
  },
  {
    ...dify,
    ...ofRun,
    name: "workflow_node_executions",
    tableName: "workflow_node_executions",
    keepDays: null,
    roles: {
      ...NONE,
      tenant: "tenant_id",
      user: "created_by",
      status: "status",
      text: ["inputs", "outputs", "process_data", "error"],
      prompt: "inputs",
      answer: "outputs",
    },
  },
  {
    ...dify,
    ...ofRun,
    name: "workflow_app_logs",
    tableName: "workflow_app_logs",
    keepDays: null,
    roles: { ...NONE, tenant: "tenant_id", user: "created_by" },
  },
  {
    ...dify,
    name: "dify_conversations",
    tableName: "conversations",
    keepDays: null,
    roles: {
      ...NONE,
      user: "from_end_user_id",
      status: "status",
      model: "model_id",
      text: ["name", "summary"],
    },
  },
  {
    ...dify,
    name: "messages",
    tableName: "messages",
    keepDays: 180,
    roles: {
      ...NONE,
      user: "from_end_user_id",
      status: "status",
      model: "model_id",
      tokens: "answer_tokens",
      text: ["query", "answer", "error"],
      prompt: "query",
      answer: "answer",
    },
  },
  {
    store: "aiapps",
    schemaName: "newapi",
    preset: "new-api",
    name: "logs",
    tableName: "logs",
    keepDays: 90,
    roles: {
      ...NONE,
      time: { column: "created_at", unit: "s" },
      user: "username",
      model: "model_name",
      tokens: "completion_tokens",
      text: ["content"],
    },
  },
  {
    store: "aiapps",
    schemaName: "gateway",
    preset: "gateway",
    name: "conversations",
    tableName: "conversations",
    keepDays: 90,
    roles: {
      ...NONE,
      time: { column: "created_at", unit: "s" },
      user: "username",
      model: "model_name",
      tokens: "total_tokens",
      text: ["prompt", "answer"],
      prompt: "prompt",
      answer: "answer",
    },
  },
];
