import type { Random } from "@/lib/demo/random";
import { answer, longDocument, prompt, type Topic } from "@/lib/demo/text/compose";

/** What was asked and answered, with its tokens. */
export interface Exchange {
  query: string;
  answer: string;
  promptTokens: number;
  answerTokens: number;
}

/** One row in a hundred carries a whole document. */
export const BIG_SHARE = 0.01;
const BIG_MIN_BYTES = 105_000;

export const tokensOf = (text: string, topic: Topic): number =>
  Math.ceil(text.length / (topic.language === "zh" ? 1.4 : 4.1));

/** A short question and answer of ordinary length. The same random stream gives the same text. */
export function exchange(topic: Topic, random: Random): Exchange {
  const query = prompt(topic, random, Math.min(4000, random.lognormal(90, 0.9)));
  const text = answer(topic, random, Math.min(12_000, random.lognormal(300, 0.9)));
  return {
    query,
    answer: text,
    promptTokens: tokensOf(query, topic) + random.between(60, 900),
    answerTokens: tokensOf(text, topic),
  };
}

/** A document of 105 KB and more: what somebody pasted, or what a crawler brought. */
export const bigDocument = (topic: Topic, random: Random): string =>
  longDocument(topic, random, BIG_MIN_BYTES + random.lognormal(8_000, 0.9));

/** `exchange`, but one in a hundred has a document pasted after the question. */
export function exchangeWithDocuments(topic: Topic, random: Random): Exchange {
  const small = exchange(topic, random);
  if (!random.chance(BIG_SHARE)) return small;
  const query = `${small.query}\n\n${bigDocument(topic, random)}`;
  return { ...small, query, promptTokens: tokensOf(query, topic) };
}

const ERRORS = [
  "[{provider}] Rate limit reached for requests. Please try again in 12s.",
  "[{provider}] Connection timed out after 60000 ms",
  "Run failed: variable #llm.text# not found",
  "API request failed with status code 500: upstream connect error",
  "PluginInvokeError: InvokeServerUnavailableError",
  "[{provider}] The model is overloaded with other requests.",
];

export const failure = (provider: string, random: Random): string =>
  random.pick(ERRORS).replace("{provider}", provider);
