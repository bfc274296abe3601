import type { PlannedCall } from "@/lib/demo/plan";
import { Random } from "@/lib/demo/random";
import { type Exchange, exchangeWithDocuments, failure } from "@/lib/demo/rows/exchange";
import type { Value } from "@/lib/demo/tables";
import { TOPICS } from "@/lib/demo/text/compose";

const NAMES = [
  "wangwei",
  "emily",
  "lina",
  "tomasz",
  "zhangmin",
  "carlos",
  "aisha",
  "liuyang",
  "jonas",
  "priya",
  "chenxi",
  "noah",
];
const TEAMS = ["ops", "dev", "sales", "shop", "crm", "lab", "hr", "edu"];

/** The same user id gives the same name everywhere. */
export const usernameOf = (userId: number): string =>
  `${NAMES[userId % NAMES.length]}_${TEAMS[userId % TEAMS.length]}${Math.floor(userId / 12)}`;

const ipOf = (call: PlannedCall): string => {
  const random = new Random(call.userId, 30);
  return `203.0.113.${random.between(1, 255)}`;
};

const secondsOf = (call: PlannedCall): number => Math.floor(call.atUs / 1e6);

function callExchange(call: PlannedCall): Exchange {
  const random = new Random(call.seed, 31);
  return exchangeWithDocuments(random.pick(TOPICS), random);
}

/** A row of gateway.conversations, in the order of TABLES.gateway; null when the call is not recorded there. */
export function gatewayRow(call: PlannedCall, id: number): Value[] | null {
  if (call.kind !== "chat") return null;
  const said = callExchange(call);
  return [
    id,
    call.userId,
    usernameOf(call.userId),
    call.model.name,
    secondsOf(call),
    said.promptTokens + said.answerTokens,
    said.promptTokens,
    said.answerTokens,
    ipOf(call),
    said.query,
    said.answer,
  ];
}

const TYPES = { chat: 2, embedding: 2, error: 5, topup: 1 } as const;
const GROUPS = ["default", "default", "default", "vip", "svip"];
/** One dollar of use, as new-api counts it. */
const QUOTA_PER_DOLLAR = 500_000;

/** A row of new-api's logs, in the order of TABLES.logs. */
export function logRow(call: PlannedCall, id: number): Value[] {
  const random = new Random(call.seed, 32);
  const chat = call.kind === "chat";
  const said = chat ? callExchange(call) : { promptTokens: random.between(12, 900), answerTokens: 0 };
  const counted = call.kind !== "topup" && call.kind !== "error";
  const dollars =
    (said.promptTokens * call.model.promptPrice + said.answerTokens * call.model.answerPrice) / 1000;
  const user = new Random(call.userId, 33);
  return [
    id,
    call.userId,
    secondsOf(call),
    TYPES[call.kind],
    contentOf(call, random),
    usernameOf(call.userId),
    call.kind === "topup" ? "" : `key-${user.hex(4)}`,
    call.kind === "embedding" ? "text-embedding-3-small" : call.kind === "topup" ? "" : call.model.name,
    counted ? Math.max(1, Math.round(dollars * QUOTA_PER_DOLLAR)) : 0,
    counted ? said.promptTokens : 0,
    counted ? said.answerTokens : 0,
    counted ? Math.ceil(1 + said.answerTokens / call.model.tokensPerSecond) : 0,
    chat && random.chance(0.8),
    random.between(1, 19),
    user.between(1, 900),
    user.pick(GROUPS),
    ipOf(call),
    `${random.hex(8)}${random.hex(16)}`,
    otherOf(call, random),
  ];
}

function contentOf(call: PlannedCall, random: Random): string {
  if (call.kind === "error") return `status_code=429, ${failure(call.model.provider, random)}`;
  if (call.kind === "topup")
    return `通过在线充值充值成功，充值额度: ＄${random.between(5, 500)}.000000 额度，支付金额：${random.between(20, 900)}.00`;
  return "";
}

function otherOf(call: PlannedCall, random: Random): string {
  const channel = random.between(1, 19);
  const { promptPrice, answerPrice } = call.model;
  return JSON.stringify({
    admin_info: { use_channel: [String(channel)], is_multi_key: false },
    model_ratio: promptPrice / 0.002,
    completion_ratio: answerPrice / promptPrice,
    group_ratio: 1,
    frt: random.between(180, 4200),
    cache_tokens: random.chance(0.3) ? random.between(128, 4096) : 0,
    request_path: call.kind === "embedding" ? "/v1/embeddings" : "/v1/chat/completions",
    user_group_ratio: -1,
  });
}
