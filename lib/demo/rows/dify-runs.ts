import type { PlannedRun } from "@/lib/demo/plan";
import { Random } from "@/lib/demo/random";
import { BIG_SHARE, bigDocument, failure } from "@/lib/demo/rows/exchange";
import { nodesRun, runExchange } from "@/lib/demo/rows/run-facts";
import type { Value } from "@/lib/demo/tables";

const triggeredFrom = (run: PlannedRun): string =>
  run.conversationId === null && run.role === "account" ? "debugging" : "app-run";

/** A row of workflow_runs, in the order of TABLES.runs. */
export function runRow(run: PlannedRun): Value[] {
  const { app } = run;
  const random = new Random(run.seed, 11);
  const said = runExchange(run);
  const failed = run.status === "failed";
  const inputs: Record<string, unknown> = {
    query: said.query,
    language: app.topic.language,
    "sys.user_id": run.userId,
    "sys.app_id": app.id,
    "sys.workflow_run_id": run.id,
    ...(run.conversationId ? { "sys.conversation_id": run.conversationId } : {}),
  };
  if (random.chance(BIG_SHARE)) inputs.document = bigDocument(app.topic, random);
  const outputs =
    run.status === "succeeded" ? { [run.conversationId ? "answer" : "result"]: said.answer } : {};
  return [
    run.id,
    app.tenantId,
    app.id,
    app.workflowId,
    run.conversationId ? "chat" : "workflow",
    triggeredFrom(run),
    `2026-0${1 + run.version}-1${run.version} 08:3${run.version}:12.481920`,
    app.graphs[run.version] ?? "{}",
    JSON.stringify(inputs),
    run.status,
    JSON.stringify(outputs),
    failed ? failure(app.model.provider, random) : null,
    run.elapsedS,
    said.promptTokens + said.answerTokens,
    nodesRun(run),
    run.role,
    run.userId,
    run.atUs,
    run.atUs + Math.round(run.elapsedS * 1e6),
    run.status === "partial-succeeded" ? 1 : 0,
  ];
}

/** Whether Dify writes an app log for the run: not for chatflows (those have a message), not while debugging. */
export const hasAppLog = (run: PlannedRun): boolean => run.conversationId === null && run.role === "end_user";

/** A row of workflow_app_logs, in the order of TABLES.appLogs. */
export function appLogRow(run: PlannedRun): Value[] {
  const random = Random.forId(run.id, 12);
  const from = random.pick(["service-api", "service-api", "web-app", "installed-app"]);
  const { app } = run;
  return [random.uuid(), app.tenantId, app.id, app.workflowId, run.id, from, run.role, run.userId, run.atUs];
}
