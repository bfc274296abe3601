/** How a column travels in binary COPY. varchar goes as text, timestamp as microseconds since 1970 UTC. */
export type ColumnType =
  | "uuid"
  | "text"
  | "json"
  | "int4"
  | "int8"
  | "float8"
  | "bool"
  | "timestamp"
  | "numeric(10,4)"
  | "numeric(10,7)";

/** One column's value: text and UUIDs as strings, times as microseconds, everything else as itself. */
export type Value = string | number | boolean | null;

export interface DemoTable {
  schema: string;
  name: string;
  /** Column → type, in the order of every row. */
  columns: readonly (readonly [name: string, type: ColumnType, definition: string])[];
  indexes: readonly string[];
  /** Set for tables whose id is a bigserial: the sequence is set after the load. */
  sequence?: string;
}

const RUN_COLUMNS: DemoTable["columns"] = [
  ["id", "uuid", "uuid NOT NULL DEFAULT gen_random_uuid() PRIMARY KEY"],
  ["tenant_id", "uuid", "uuid NOT NULL"],
  ["app_id", "uuid", "uuid NOT NULL"],
  ["workflow_id", "uuid", "uuid NOT NULL"],
  ["type", "text", "varchar(255) NOT NULL"],
  ["triggered_from", "text", "varchar(255) NOT NULL"],
  ["version", "text", "varchar(255) NOT NULL"],
  ["graph", "text", "text"],
  ["inputs", "text", "text"],
  ["status", "text", "varchar(255) NOT NULL"],
  ["outputs", "text", "text DEFAULT '{}'"],
  ["error", "text", "text"],
  ["elapsed_time", "float8", "float8 NOT NULL DEFAULT 0"],
  ["total_tokens", "int8", "bigint NOT NULL DEFAULT 0"],
  ["total_steps", "int4", "integer DEFAULT 0"],
  ["created_by_role", "text", "varchar(255) NOT NULL"],
  ["created_by", "uuid", "uuid NOT NULL"],
  ["created_at", "timestamp", "timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP(0)"],
  ["finished_at", "timestamp", "timestamp"],
  ["exceptions_count", "int4", "integer DEFAULT 0"],
];

const NODE_COLUMNS: DemoTable["columns"] = [
  ["id", "uuid", "uuid NOT NULL DEFAULT gen_random_uuid() PRIMARY KEY"],
  ["tenant_id", "uuid", "uuid NOT NULL"],
  ["app_id", "uuid", "uuid NOT NULL"],
  ["workflow_id", "uuid", "uuid NOT NULL"],
  ["triggered_from", "text", "varchar(255) NOT NULL"],
  ["workflow_run_id", "uuid", "uuid"],
  ["index", "int4", "integer NOT NULL"],
  ["predecessor_node_id", "text", "varchar(255)"],
  ["node_execution_id", "text", "varchar(255)"],
  ["node_id", "text", "varchar(255) NOT NULL"],
  ["node_type", "text", "varchar(255) NOT NULL"],
  ["title", "text", "varchar(255) NOT NULL"],
  ["inputs", "text", "text"],
  ["process_data", "text", "text"],
  ["outputs", "text", "text"],
  ["status", "text", "varchar(255) NOT NULL"],
  ["error", "text", "text"],
  ["elapsed_time", "float8", "float8 NOT NULL DEFAULT 0"],
  ["execution_metadata", "text", "text"],
  ["created_at", "timestamp", "timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP(0)"],
  ["created_by_role", "text", "varchar(255) NOT NULL"],
  ["created_by", "uuid", "uuid NOT NULL"],
  ["finished_at", "timestamp", "timestamp"],
];

const APP_LOG_COLUMNS: DemoTable["columns"] = [
  ["id", "uuid", "uuid NOT NULL DEFAULT gen_random_uuid() PRIMARY KEY"],
  ["tenant_id", "uuid", "uuid NOT NULL"],
  ["app_id", "uuid", "uuid NOT NULL"],
  ["workflow_id", "uuid", "uuid NOT NULL"],
  ["workflow_run_id", "uuid", "uuid NOT NULL"],
  ["created_from", "text", "varchar(255) NOT NULL"],
  ["created_by_role", "text", "varchar(255) NOT NULL"],
  ["created_by", "uuid", "uuid NOT NULL"],
  ["created_at", "timestamp", "timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP(0)"],
];

const CONVERSATION_COLUMNS: DemoTable["columns"] = [
  ["id", "uuid", "uuid NOT NULL DEFAULT gen_random_uuid() PRIMARY KEY"],
  ["app_id", "uuid", "uuid NOT NULL"],
  ["model_provider", "text", "varchar(255)"],
  ["model_id", "text", "varchar(255)"],
  ["mode", "text", "varchar(255) NOT NULL"],
  ["name", "text", "varchar(255) NOT NULL"],
  ["summary", "text", "text"],
  ["inputs", "json", "json NOT NULL"],
  ["introduction", "text", "text"],
  ["status", "text", "varchar(255) NOT NULL"],
  ["invoke_from", "text", "varchar(255)"],
  ["from_source", "text", "varchar(255) NOT NULL"],
  ["from_end_user_id", "uuid", "uuid"],
  ["from_account_id", "uuid", "uuid"],
  ["dialogue_count", "int4", "integer DEFAULT 0"],
  ["created_at", "timestamp", "timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP(0)"],
  ["updated_at", "timestamp", "timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP(0)"],
  ["is_deleted", "bool", "boolean NOT NULL DEFAULT false"],
];

const MESSAGE_COLUMNS: DemoTable["columns"] = [
  ["id", "uuid", "uuid NOT NULL DEFAULT gen_random_uuid() PRIMARY KEY"],
  ["app_id", "uuid", "uuid NOT NULL"],
  ["model_provider", "text", "varchar(255)"],
  ["model_id", "text", "varchar(255)"],
  ["conversation_id", "uuid", "uuid NOT NULL"],
  ["inputs", "json", "json NOT NULL"],
  ["query", "text", "text NOT NULL"],
  ["message", "json", "json NOT NULL"],
  ["message_tokens", "int4", "integer NOT NULL DEFAULT 0"],
  ["message_unit_price", "numeric(10,4)", "numeric(10,4) NOT NULL"],
  ["message_price_unit", "numeric(10,7)", "numeric(10,7) NOT NULL DEFAULT 0.001"],
  ["answer", "text", "text NOT NULL"],
  ["answer_tokens", "int4", "integer NOT NULL DEFAULT 0"],
  ["answer_unit_price", "numeric(10,4)", "numeric(10,4) NOT NULL"],
  ["answer_price_unit", "numeric(10,7)", "numeric(10,7) NOT NULL DEFAULT 0.001"],
  ["provider_response_latency", "float8", "float8 NOT NULL DEFAULT 0"],
  ["total_price", "numeric(10,7)", "numeric(10,7)"],
  ["currency", "text", "varchar(255) NOT NULL"],
  ["status", "text", "varchar(255) NOT NULL DEFAULT 'normal'"],
  ["error", "text", "text"],
  ["message_metadata", "text", "text"],
  ["invoke_from", "text", "varchar(255)"],
  ["from_source", "text", "varchar(255) NOT NULL"],
  ["from_end_user_id", "uuid", "uuid"],
  ["from_account_id", "uuid", "uuid"],
  ["created_at", "timestamp", "timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP(0)"],
  ["updated_at", "timestamp", "timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP(0)"],
  ["agent_based", "bool", "boolean NOT NULL DEFAULT false"],
  ["workflow_run_id", "uuid", "uuid"],
  ["app_mode", "text", "varchar(255)"],
];

const LOG_COLUMNS: DemoTable["columns"] = [
  ["id", "int8", "bigserial PRIMARY KEY"],
  ["user_id", "int8", "bigint"],
  ["created_at", "int8", "bigint"],
  ["type", "int8", "bigint"],
  ["content", "text", "text"],
  ["username", "text", "text DEFAULT ''"],
  ["token_name", "text", "text DEFAULT ''"],
  ["model_name", "text", "text DEFAULT ''"],
  ["quota", "int8", "bigint DEFAULT 0"],
  ["prompt_tokens", "int8", "bigint DEFAULT 0"],
  ["completion_tokens", "int8", "bigint DEFAULT 0"],
  ["use_time", "int8", "bigint DEFAULT 0"],
  ["is_stream", "bool", "boolean"],
  ["channel_id", "int8", "bigint"],
  ["token_id", "int8", "bigint DEFAULT 0"],
  ["group", "text", "text"],
  ["ip", "text", "text DEFAULT ''"],
  ["request_id", "text", "varchar(64) DEFAULT ''"],
  ["other", "text", "text"],
];

const GATEWAY_COLUMNS: DemoTable["columns"] = [
  ["id", "int8", "bigserial PRIMARY KEY"],
  ["user_id", "int4", "integer NOT NULL"],
  ["username", "text", "varchar(64) NOT NULL DEFAULT ''"],
  ["model_name", "text", "varchar(128) NOT NULL DEFAULT ''"],
  ["created_at", "int8", "bigint NOT NULL"],
  ["total_tokens", "int4", "integer NOT NULL DEFAULT 0"],
  ["prompt_tokens", "int4", "integer NOT NULL DEFAULT 0"],
  ["completion_tokens", "int4", "integer NOT NULL DEFAULT 0"],
  ["ip", "text", "varchar(45) NOT NULL DEFAULT ''"],
  ["prompt", "text", "text"],
  ["answer", "text", "text"],
];

/** Dify 1.16's log tables, new-api's `logs` and the gateway's `conversations`, with their own indexes. */
export const TABLES = {
  runs: {
    schema: "dify",
    name: "workflow_runs",
    columns: RUN_COLUMNS,
    indexes: [
      "CREATE INDEX workflow_run_triggerd_from_idx ON dify.workflow_runs (tenant_id, app_id, triggered_from)",
      "CREATE INDEX workflow_run_created_at_id_idx ON dify.workflow_runs (created_at, id)",
    ],
  },
  nodes: {
    schema: "dify",
    name: "workflow_node_executions",
    columns: NODE_COLUMNS,
    indexes: [
      "CREATE INDEX workflow_node_execution_workflow_run_id_idx ON dify.workflow_node_executions (workflow_run_id)",
      "CREATE INDEX workflow_node_execution_node_run_idx ON dify.workflow_node_executions (tenant_id, app_id, workflow_id, triggered_from, node_id)",
      "CREATE INDEX workflow_node_execution_id_idx ON dify.workflow_node_executions (tenant_id, app_id, workflow_id, triggered_from, node_execution_id)",
      "CREATE INDEX workflow_node_executions_tenant_id_idx ON dify.workflow_node_executions (tenant_id, workflow_id, node_id, created_at DESC)",
    ],
  },
  appLogs: {
    schema: "dify",
    name: "workflow_app_logs",
    columns: APP_LOG_COLUMNS,
    indexes: [
      "CREATE INDEX workflow_app_log_app_idx ON dify.workflow_app_logs (tenant_id, app_id)",
      "CREATE INDEX workflow_app_log_workflow_run_id_idx ON dify.workflow_app_logs (workflow_run_id)",
    ],
  },
  conversations: {
    schema: "dify",
    name: "conversations",
    columns: CONVERSATION_COLUMNS,
    indexes: [
      "CREATE INDEX conversation_app_from_user_idx ON dify.conversations (app_id, from_source, from_end_user_id)",
      "CREATE INDEX conversation_app_created_at_idx ON dify.conversations (app_id, created_at DESC) WHERE is_deleted IS false",
    ],
  },
  messages: {
    schema: "dify",
    name: "messages",
    columns: MESSAGE_COLUMNS,
    indexes: [
      "CREATE INDEX message_app_id_idx ON dify.messages (app_id, created_at)",
      "CREATE INDEX message_conversation_id_idx ON dify.messages (conversation_id)",
      "CREATE INDEX message_workflow_run_id_idx ON dify.messages (conversation_id, workflow_run_id)",
      "CREATE INDEX message_created_at_id_idx ON dify.messages (created_at, id)",
      "CREATE INDEX message_end_user_idx ON dify.messages (app_id, from_source, from_end_user_id)",
    ],
  },
  logs: {
    schema: "newapi",
    name: "logs",
    columns: LOG_COLUMNS,
    sequence: "newapi.logs_id_seq",
    indexes: [
      "CREATE INDEX idx_created_at_id ON newapi.logs (created_at, id)",
      "CREATE INDEX idx_user_id_id ON newapi.logs (user_id, id)",
      "CREATE INDEX idx_created_at_type ON newapi.logs (created_at, type)",
      "CREATE INDEX index_username_model_name ON newapi.logs (model_name, username)",
      "CREATE INDEX idx_logs_channel_id ON newapi.logs (channel_id)",
      "CREATE INDEX idx_logs_token_id ON newapi.logs (token_id)",
      'CREATE INDEX idx_logs_group ON newapi.logs ("group")',
      "CREATE INDEX idx_logs_request_id ON newapi.logs (request_id)",
    ],
  },
  gateway: {
    schema: "gateway",
    name: "conversations",
    columns: GATEWAY_COLUMNS,
    sequence: "gateway.conversations_id_seq",
    indexes: [
      "CREATE INDEX idx_user_model_time ON gateway.conversations (user_id, model_name, created_at)",
      "CREATE INDEX idx_conversations_created_at ON gateway.conversations (created_at)",
      "CREATE INDEX idx_conversations_username ON gateway.conversations (username)",
      "CREATE INDEX idx_conversations_model_name ON gateway.conversations (model_name)",
    ],
  },
} as const satisfies Record<string, DemoTable>;

export type TableName = keyof typeof TABLES;

export const qualified = (table: DemoTable): string => `"${table.schema}"."${table.name}"`;

export const columnList = (table: DemoTable): string => table.columns.map(([name]) => `"${name}"`).join(", ");

export const createTableSql = (table: DemoTable): string =>
  `CREATE TABLE ${qualified(table)} (${table.columns.map(([name, , definition]) => `"${name}" ${definition}`).join(", ")})`;
