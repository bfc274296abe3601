import { Random } from "@/lib/demo/random";
import { TOPICS, type Topic } from "@/lib/demo/text/compose";

/** One seed for everything: change it and every row changes. */
export const SEED = 20_261;

export interface Model {
  name: string;
  provider: string;
  /** Price of a thousand tokens, in dollars. */
  promptPrice: number;
  answerPrice: number;
  tokensPerSecond: number;
}

export const MODELS: readonly Model[] = [
  { name: "gpt-5-mini", provider: "openai", promptPrice: 0.0003, answerPrice: 0.002, tokensPerSecond: 110 },
  {
    name: "deepseek-chat",
    provider: "deepseek",
    promptPrice: 0.0002,
    answerPrice: 0.0009,
    tokensPerSecond: 60,
  },
  { name: "qwen3-max", provider: "tongyi", promptPrice: 0.0009, answerPrice: 0.0036, tokensPerSecond: 70 },
  {
    name: "claude-sonnet-4-5",
    provider: "anthropic",
    promptPrice: 0.003,
    answerPrice: 0.015,
    tokensPerSecond: 75,
  },
  { name: "gpt-5", provider: "openai", promptPrice: 0.0013, answerPrice: 0.01, tokensPerSecond: 55 },
  {
    name: "gemini-2.5-flash",
    provider: "google",
    promptPrice: 0.0003,
    answerPrice: 0.0025,
    tokensPerSecond: 160,
  },
  { name: "glm-4.6", provider: "zhipuai", promptPrice: 0.0006, answerPrice: 0.0022, tokensPerSecond: 65 },
];

export interface DemoApp {
  id: string;
  tenantId: string;
  workflowId: string;
  mode: "workflow" | "advanced-chat" | "chat";
  topic: Topic;
  model: Model;
  endUserIds: readonly string[];
  accountId: string;
  /** Node types in the order they run. */
  nodeTypes: readonly string[];
  /** The graph as Dify copies it into every run, one text per published version. */
  graphs: readonly string[];
}

export interface World {
  apps: readonly DemoApp[];
  workflowApps: readonly DemoApp[];
  chatflowApps: readonly DemoApp[];
  chatApps: readonly DemoApp[];
}

const PIPELINES: readonly (readonly string[])[] = [
  ["start", "llm", "end"],
  ["start", "knowledge-retrieval", "llm", "end"],
  ["start", "document-extractor", "llm", "code", "end"],
  ["start", "http-request", "llm", "end"],
];

const CHAT_PIPELINES: readonly (readonly string[])[] = [
  ["start", "knowledge-retrieval", "llm", "answer"],
  ["start", "question-classifier", "llm", "answer"],
  ["start", "llm", "answer"],
];

/** The tenants, apps and users that all rows belong to; the same ones every time. */
export function buildWorld(): World {
  const random = new Random(SEED, 1);
  const tenants = Array.from({ length: 6 }, () => random.uuid());
  const apps = Array.from({ length: 24 }, (_, at) =>
    buildApp(at, tenants[random.zipf(tenants.length)] ?? "", random),
  );
  const of = (mode: DemoApp["mode"]) => apps.filter((app) => app.mode === mode);
  return { apps, workflowApps: of("workflow"), chatflowApps: of("advanced-chat"), chatApps: of("chat") };
}

const MODES = ["workflow", "chat", "advanced-chat"] as const;

function buildApp(at: number, tenantId: string, random: Random): DemoApp {
  const mode = MODES[at % MODES.length] ?? "workflow";
  const topic = TOPICS[(at * 7) % TOPICS.length] as Topic;
  const nodeTypes = random.pick(mode === "workflow" ? PIPELINES : CHAT_PIPELINES);
  return {
    id: random.uuid(),
    tenantId,
    workflowId: random.uuid(),
    mode,
    topic,
    model: MODELS[random.zipf(MODELS.length)] as Model,
    endUserIds: Array.from({ length: 30 + random.zipf(300) }, () => random.uuid()),
    accountId: random.uuid(),
    nodeTypes,
    graphs: Array.from({ length: 4 }, () => graphText(nodeTypes, topic, random)),
  };
}

function graphText(nodeTypes: readonly string[], topic: Topic, random: Random): string {
  const nodes = nodeTypes.map((type, at) => ({
    id: nodeId(at),
    type: "custom",
    position: { x: 80 + at * 304, y: 282 },
    positionAbsolute: { x: 80 + at * 304, y: 282 },
    width: 244,
    height: 90 + (at % 3) * 28,
    sourcePosition: "right",
    targetPosition: "left",
    data: {
      type,
      title: nodeTitle(type, topic),
      desc: topic.grammar.say("detail", random),
      selected: false,
      ...(type === "llm" ? { prompt_template: [{ role: "system", text: systemPrompt(topic, random) }] } : {}),
    },
  }));
  const edges = nodes.slice(1).map((node, at) => ({
    id: `${nodeId(at)}-source-${node.id}-target`,
    source: nodeId(at),
    target: node.id,
    sourceHandle: "source",
    targetHandle: "target",
    data: { isInIteration: false, sourceType: nodeTypes[at], targetType: node.data.type },
  }));
  return JSON.stringify({ nodes, edges, viewport: { x: 0, y: 0, zoom: 0.85 } });
}

export const nodeId = (at: number): string => String(1_718_600_000_000 + at * 13_337);

export function systemPrompt(topic: Topic, random: Random): string {
  const rules = Array.from({ length: 3 }, () => topic.grammar.say("detail", random));
  return topic.language === "zh"
    ? `你是一名专业的客服助手，回答要简洁准确。规则：${rules.join("；")}。`
    : `You are a careful assistant. Answer briefly and stay with the facts. Rules: ${rules.join("; ")}.`;
}

const TITLES: Readonly<Record<string, readonly [en: string, zh: string]>> = {
  start: ["Start", "开始"],
  llm: ["LLM", "大模型"],
  end: ["End", "结束"],
  answer: ["Answer", "直接回复"],
  code: ["Code", "代码执行"],
  "knowledge-retrieval": ["Knowledge retrieval", "知识检索"],
  "document-extractor": ["Document extractor", "文档提取器"],
  "http-request": ["HTTP request", "HTTP 请求"],
  "question-classifier": ["Question classifier", "问题分类器"],
};

export const nodeTitle = (type: string, topic: Topic): string =>
  TITLES[type]?.[topic.language === "zh" ? 1 : 0] ?? type;
