import type { PlannedConversation, PlannedMessage } from "@/lib/demo/plan";
import { Random } from "@/lib/demo/random";
import {
  BIG_SHARE,
  bigDocument,
  type Exchange,
  exchangeWithDocuments,
  failure,
} from "@/lib/demo/rows/exchange";
import { runExchange } from "@/lib/demo/rows/run-facts";
import type { Value } from "@/lib/demo/tables";
import { systemPrompt } from "@/lib/demo/world";

const isApi = (seed: number): boolean => seed % 5 < 2;

/** A row of Dify's conversations, in the order of TABLES.conversations. */
export function conversationRow(conversation: PlannedConversation): Value[] {
  const { app } = conversation;
  const random = new Random(conversation.seed, 20);
  const chatflow = app.mode === "advanced-chat";
  return [
    conversation.id,
    app.id,
    chatflow ? null : app.model.provider,
    chatflow ? null : app.model.name,
    app.mode,
    app.topic.grammar.say("ask", random).slice(0, 60),
    random.chance(0.3) ? app.topic.grammar.say("sentence", random) : null,
    "{}",
    random.chance(0.5) ? app.topic.grammar.say("hello", random) : null,
    "normal",
    isApi(conversation.seed) ? "service-api" : "web-app",
    "api",
    conversation.userId,
    null,
    conversation.messageCount,
    conversation.atUs,
    conversation.updatedUs,
    random.chance(0.02),
  ];
}

/** A chatflow's message repeats its run's exchange; a plain chat has its own. */
function messageExchange(message: PlannedMessage, random: Random): Exchange {
  if (!message.run) return exchangeWithDocuments(message.app.topic, random);
  const said = runExchange(message.run);
  return random.chance(BIG_SHARE)
    ? { ...said, query: `${said.query}\n\n${bigDocument(message.app.topic, random)}` }
    : said;
}

/** A row of messages, in the order of TABLES.messages. */
export function messageRow(message: PlannedMessage): Value[] {
  const { app, conversation, run } = message;
  const random = new Random(message.seed, 21);
  const said = messageExchange(message, random);
  const failed = run ? run.status === "failed" : random.chance(0.02);
  const chat = run === null;
  const latencyS = run ? run.elapsedS : Math.round(random.lognormal(2.4, 0.7) * 1e6) / 1e6;
  const { promptPrice, answerPrice } = app.model;
  return [
    message.id,
    app.id,
    chat ? app.model.provider : null,
    chat ? app.model.name : null,
    conversation.id,
    "{}",
    said.query,
    chat ? promptJson(message, said, random) : "[]",
    said.promptTokens,
    promptPrice,
    0.001,
    failed ? "" : said.answer,
    failed ? 0 : said.answerTokens,
    answerPrice,
    0.001,
    latencyS,
    Math.round((said.promptTokens * promptPrice + said.answerTokens * answerPrice) * 1e4) / 1e7,
    "USD",
    failed ? "error" : "normal",
    failed ? failure(app.model.provider, random) : null,
    metadata(said, latencyS),
    isApi(conversation.seed) ? "service-api" : "web-app",
    "api",
    conversation.userId,
    null,
    message.atUs,
    message.atUs + Math.round(latencyS * 1e6),
    false,
    run?.id ?? null,
    app.mode,
  ];
}

const promptJson = (message: PlannedMessage, said: Exchange, random: Random): string =>
  JSON.stringify([
    { role: "system", text: systemPrompt(message.app.topic, random), files: [] },
    { role: "user", text: said.query.slice(0, 2000), files: [] },
  ]);

const metadata = (said: Exchange, latencyS: number): string =>
  JSON.stringify({
    annotation_reply: null,
    retriever_resources: [],
    usage: {
      prompt_tokens: said.promptTokens,
      completion_tokens: said.answerTokens,
      currency: "USD",
      latency: latencyS,
    },
  });
