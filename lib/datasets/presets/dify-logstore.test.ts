import { expect, test } from "vitest";
import { proposeTables } from "@/lib/datasets/discovery";

const table = (name: string, columns: Record<string, string>) => ({
  ref: { schema: "public", name },
  kind: "logstore",
  rowCount: 1,
  sizeBytes: 1,
  key: ["id"],
  columns: Object.entries(columns).map(([column, type]) => ({ name: column, type })),
});

const RUN = {
  ...{ id: "text", tenant_id: "text", app_id: "text", workflow_id: "text", status: "text", outputs: "text" },
  ...{ created_at: "timestamp as text", total_tokens: "bigint", log_version: "bigint" },
};

test("Dify's logstores are told from its tables by their versions, and each stands alone", () => {
  const [runs, nodes, own, plain] = proposeTables([
    table("workflow_runs", RUN),
    table("workflow_node_executions", {
      ...{ id: "text", workflow_run_id: "text", node_id: "text", created_at: "timestamp as text" },
      ...{ title: "text", log_version: "bigint" },
    }),
    table("workflow_execution", RUN),
    { ...table("workflow_runs", { ...RUN, log_version: "text" }), kind: "table" },
  ]);
  expect(runs).toMatchObject({
    preset: "dify-logstore",
    parent: null,
    keepDays: 90,
    roles: { key: ["id"], time: { column: "created_at", unit: "timestamp" }, text: ["outputs"] },
  });
  expect(nodes).toMatchObject({ preset: "dify-logstore", parent: null, roles: { text: ["title"] } });
  expect(own?.preset).toBe("dify-logstore");
  expect(plain?.roles.time?.unit).toBe("timestamp");
  expect(proposeTables([table("workflow_runs", { ...RUN, log_version: "bigint" })])[0]?.blocks).toEqual([]);
});

test("without versions it is Dify's table", () => {
  const { log_version: _, ...columns } = RUN;
  expect(proposeTables([table("workflow_runs", { ...columns, created_at: "timestamp" })])[0]?.preset).toBe(
    "dify",
  );
});
