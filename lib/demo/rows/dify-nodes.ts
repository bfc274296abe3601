import type { PlannedRun } from "@/lib/demo/plan";
import { Random } from "@/lib/demo/random";
import { BIG_SHARE, bigDocument, type Exchange, failure } from "@/lib/demo/rows/exchange";
import { nodesRun, runExchange } from "@/lib/demo/rows/run-facts";
import type { Value } from "@/lib/demo/tables";
import { paragraph } from "@/lib/demo/text/compose";
import { nodeId, nodeTitle, systemPrompt } from "@/lib/demo/world";

/** The rows of workflow_node_executions that belong to one run, in the order of TABLES.nodes. */
export function nodeRows(run: PlannedRun): Value[][] {
  const said = runExchange(run);
  const random = Random.forId(run.id, 13);
  const reached = nodesRun(run);
  const stepS = run.elapsedS / reached;
  return Array.from({ length: reached }, (_, at) => nodeRow(run, said, at, reached, stepS, random));
}

function nodeRow(
  run: PlannedRun,
  said: Exchange,
  at: number,
  reached: number,
  stepS: number,
  random: Random,
): Value[] {
  const { app } = run;
  const type = app.nodeTypes[at] ?? "llm";
  const failed = run.status === "failed" && at === reached - 1;
  const text = payload(type, run, said, random);
  const startUs = run.atUs + Math.round(at * stepS * 1e6);
  return [
    random.uuid(),
    app.tenantId,
    app.id,
    app.workflowId,
    "workflow-run",
    run.id,
    at + 1,
    at === 0 ? null : nodeId(at - 1),
    random.uuid(),
    nodeId(at),
    type,
    nodeTitle(type, app.topic),
    JSON.stringify(text.inputs),
    text.process === null ? null : JSON.stringify(text.process),
    failed ? null : JSON.stringify(text.outputs),
    failed ? "failed" : run.status === "stopped" && at === reached - 1 ? "stopped" : "succeeded",
    failed ? failure(app.model.provider, random) : null,
    Math.round(stepS * 1e6) / 1e6,
    text.metadata === null ? null : JSON.stringify(text.metadata),
    startUs,
    run.role,
    run.userId,
    startUs + Math.round(stepS * 1e6),
  ];
}

interface Payload {
  inputs: object;
  process: object | null;
  outputs: object;
  metadata: object | null;
}

function payload(type: string, run: PlannedRun, said: Exchange, random: Random): Payload {
  const plain = { process: null, metadata: null };
  switch (type) {
    case "start":
      return {
        ...plain,
        inputs: { query: said.query, "sys.user_id": run.userId },
        outputs: { query: said.query, "sys.files": [] },
      };
    case "knowledge-retrieval":
      return { ...plain, inputs: { query: said.query }, outputs: { result: segments(run, random) } };
    case "document-extractor":
      return {
        ...plain,
        inputs: { variable_selector: ["start", "document"] },
        outputs: { text: documentText(run, random) },
      };
    case "http-request":
      return { ...plain, ...httpCall(run, random) };
    case "llm":
      return llmCall(run, said, random);
    case "code":
      return {
        ...plain,
        inputs: { text: said.answer.slice(0, 400) },
        outputs: { result: said.answer.slice(0, 400).toUpperCase(), length: said.answer.length },
      };
    case "question-classifier":
      return {
        ...plain,
        inputs: { query: said.query },
        outputs: { class_name: run.app.topic.name, class_id: "1" },
      };
    default:
      return { ...plain, inputs: { output: said.answer }, outputs: { answer: said.answer, files: [] } };
  }
}

/** Two or three passages of a knowledge base; now and then a whole document is returned. */
function segments(run: PlannedRun, random: Random): object[] {
  const { topic } = run.app;
  return Array.from({ length: random.between(2, 4) }, (_, at) => ({
    metadata: {
      _source: "knowledge",
      position: at + 1,
      dataset_name: topic.name,
      document_id: random.uuid(),
      document_name: `${topic.grammar.say("heading", random)}.md`,
      score: Math.round((0.95 - at * 0.11 - random.float() * 0.1) * 1e6) / 1e6,
    },
    title: topic.grammar.say("thing", random),
    content:
      at === 0 && random.chance(BIG_NODE_SHARE)
        ? bigDocument(topic, random)
        : paragraph(topic, random, random.between(60, 330)),
  }));
}

/** About one node in six is of a type that can be big; a hundredth of all nodes is. */
const BIG_NODE_SHARE = BIG_SHARE * 5.8;

const documentText = (run: PlannedRun, random: Random): string =>
  random.chance(BIG_NODE_SHARE)
    ? bigDocument(run.app.topic, random)
    : paragraph(run.app.topic, random, Math.min(9000, random.lognormal(500, 0.9)));

function httpCall(run: PlannedRun, random: Random): { inputs: object; outputs: object; process: object } {
  const { topic } = run.app;
  const big = random.chance(BIG_NODE_SHARE);
  const body = {
    ok: true,
    id: topic.grammar.say("thing", random),
    notes: big ? bigDocument(topic, random) : paragraph(topic, random, 180),
  };
  return {
    inputs: { url: `https://api.example.invalid/v2/${topic.name}/${random.hex(8)}` },
    process: {
      request: `GET /v2/${topic.name} HTTP/1.1\r\nHost: api.example.invalid\r\nX-Request-Id: ${random.hex(16)}\r\n\r\n`,
    },
    outputs: {
      status_code: 200,
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
      files: [],
    },
  };
}

function llmCall(run: PlannedRun, said: Exchange, random: Random): Payload {
  const { app } = run;
  const usage = {
    prompt_tokens: said.promptTokens,
    completion_tokens: said.answerTokens,
    total_tokens: said.promptTokens + said.answerTokens,
    total_price: (
      (said.promptTokens * app.model.promptPrice + said.answerTokens * app.model.answerPrice) /
      1000
    ).toFixed(7),
    currency: "USD",
    latency: run.elapsedS * 0.8,
  };
  const prompts = [
    { role: "system", text: systemPrompt(app.topic, random), files: [] },
    { role: "user", text: said.query, files: [] },
  ];
  return {
    inputs: { "#sys.query#": said.query },
    process: { model_mode: "chat", prompts, model_provider: app.model.provider, model_name: app.model.name },
    outputs: { text: said.answer, usage, finish_reason: "stop" },
    metadata: { total_tokens: usage.total_tokens, total_price: usage.total_price, currency: "USD" },
  };
}
