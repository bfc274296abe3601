import { Random } from "@/lib/demo/random";
import { buildWorld, type DemoApp, MODELS, type Model, SEED, type World } from "@/lib/demo/world";

/** A row's place in the whole: who, when, how long. Its text follows from `seed` alone. */
export interface PlannedRun {
  seed: number;
  id: string;
  app: DemoApp;
  userId: string;
  role: "end_user" | "account";
  atUs: number;
  elapsedS: number;
  status: "succeeded" | "failed" | "stopped" | "partial-succeeded";
  version: number;
  conversationId: string | null;
}

export interface PlannedMessage {
  seed: number;
  id: string;
  app: DemoApp;
  conversation: PlannedConversation;
  atUs: number;
  run: PlannedRun | null;
}

export interface PlannedConversation {
  seed: number;
  id: string;
  app: DemoApp;
  userId: string;
  atUs: number;
  updatedUs: number;
  messageCount: number;
}

/** One request through the gateway: a line in new-api's log, and mostly a recorded conversation. */
export interface PlannedCall {
  seed: number;
  userId: number;
  atUs: number;
  model: Model;
  kind: "chat" | "embedding" | "error" | "topup";
}

export interface DemoPlan {
  world: World;
  runs: PlannedRun[];
  conversations: PlannedConversation[];
  messages: PlannedMessage[];
  calls: PlannedCall[];
  fromUs: number;
  untilUs: number;
}

/** Row counts at scale 1. Nodes and app logs follow from the runs. */
const COUNTS = { workflowRuns: 15_000, chatflows: 2_800, chats: 8_000, calls: 58_000 } as const;
export const GATEWAY_USERS = 400;
const DAY_US = 86_400_000_000;
/** Share of a day's requests by hour (UTC): busy in working hours of Europe and Asia, quiet at night. */
const HOURS = [3, 4, 5, 5, 5, 5, 6, 7, 8, 9, 9, 8, 7, 8, 9, 9, 8, 7, 5, 4, 3, 3, 2, 2];
const HOUR_TOTAL = HOURS.reduce((sum, share) => sum + share, 0);

/** Everything that will be written for 13 months up to `endAt`, each list in order of time. */
export function buildPlan(endAt: Date, scale: number): DemoPlan {
  const world = buildWorld();
  const untilUs = endAt.getTime() * 1000;
  const fromUs = Date.UTC(endAt.getUTCFullYear(), endAt.getUTCMonth() - 13, endAt.getUTCDate()) * 1000;
  const random = new Random(SEED, 2);
  const clock = () => instant(random, fromUs, untilUs);
  const plan: DemoPlan = { world, runs: [], conversations: [], messages: [], calls: [], fromUs, untilUs };
  const count = (full: number) => Math.max(20, Math.round(full * scale));
  for (let at = 0; at < count(COUNTS.workflowRuns); at++)
    plan.runs.push(planRun(pickApp(world.workflowApps, random), clock(), null, random));
  for (let at = 0; at < count(COUNTS.chatflows); at++)
    addTalk(plan, pickApp(world.chatflowApps, random), clock(), random);
  for (let at = 0; at < count(COUNTS.chats); at++)
    addTalk(plan, pickApp(world.chatApps, random), clock(), random);
  for (let at = 0; at < count(COUNTS.calls); at++) plan.calls.push(planCall(clock(), random));
  for (const list of [plan.runs, plan.conversations, plan.messages, plan.calls])
    list.sort((a, b) => a.atUs - b.atUs);
  return plan;
}

const pickApp = (apps: readonly DemoApp[], random: Random): DemoApp =>
  apps[random.zipf(apps.length)] as DemoApp;

/** An instant of the 13 months: 4.5 times as many at the end as at the beginning, fewer at weekends and at night. */
function instant(random: Random, fromUs: number, untilUs: number): number {
  const growth = Math.log(4.5);
  for (;;) {
    const share = Math.log(1 + random.float() * (Math.exp(growth) - 1)) / growth;
    const day = Math.floor((fromUs + share * (untilUs - fromUs)) / DAY_US);
    const weekday = (day + 4) % 7;
    if ((weekday === 0 || weekday === 6) && random.chance(0.55)) continue;
    const atUs = day * DAY_US + timeOfDay(random);
    if (atUs < untilUs && atUs >= fromUs) return atUs;
  }
}

function timeOfDay(random: Random): number {
  let left = random.float() * HOUR_TOTAL;
  let hour = 0;
  while (left >= (HOURS[hour] ?? 1) && hour < 23) left -= HOURS[hour++] ?? 0;
  return Math.floor((hour + random.float()) * 3_600_000_000);
}

export function planRun(
  app: DemoApp,
  atUs: number,
  conversationId: string | null,
  random: Random,
): PlannedRun {
  const luck = random.float();
  const fromAccount = conversationId === null && random.chance(0.12);
  return {
    seed: random.next(),
    id: random.uuid(),
    app,
    userId: fromAccount ? app.accountId : endUser(app, random),
    role: fromAccount ? "account" : "end_user",
    atUs,
    elapsedS: Math.round(random.lognormal(4.2, 0.8) * 1e6) / 1e6,
    status:
      luck < 0.94 ? "succeeded" : luck < 0.975 ? "failed" : luck < 0.99 ? "stopped" : "partial-succeeded",
    version: random.between(0, app.graphs.length),
    conversationId,
  };
}

export const endUser = (app: DemoApp, random: Random): string =>
  app.endUserIds[random.zipf(app.endUserIds.length)] ?? app.accountId;

export function planConversation(app: DemoApp, atUs: number, random: Random): PlannedConversation {
  return {
    seed: random.next(),
    id: random.uuid(),
    app,
    userId: endUser(app, random),
    atUs,
    updatedUs: atUs,
    messageCount: 0,
  };
}

/** The next message of a conversation, with its run when the app is a chatflow. Both are the same user's. */
export function planMessage(conversation: PlannedConversation, atUs: number, random: Random): PlannedMessage {
  const { app } = conversation;
  const run = app.mode === "advanced-chat" ? planRun(app, atUs, conversation.id, random) : null;
  if (run) run.userId = conversation.userId;
  conversation.updatedUs = atUs;
  conversation.messageCount += 1;
  return { seed: run?.seed ?? random.next(), id: random.uuid(), app, conversation, atUs, run };
}

function addTalk(plan: DemoPlan, app: DemoApp, startUs: number, random: Random): void {
  const conversation = planConversation(app, startUs, random);
  plan.conversations.push(conversation);
  const wanted = Math.min(40, Math.max(1, Math.round(random.lognormal(2.6, 0.8))));
  let atUs = startUs;
  for (let turn = 0; turn < wanted && atUs < plan.untilUs; turn++) {
    const message = planMessage(conversation, atUs, random);
    plan.messages.push(message);
    if (message.run) plan.runs.push(message.run);
    atUs += Math.floor(random.lognormal(95, 1) * 1e6);
  }
}

export function planCall(atUs: number, random: Random): PlannedCall {
  const luck = random.float();
  return {
    seed: random.next(),
    userId: 1 + random.zipf(GATEWAY_USERS),
    atUs,
    model: MODELS[random.zipf(MODELS.length)] as Model,
    kind: luck < 0.72 ? "chat" : luck < 0.96 ? "embedding" : luck < 0.99 ? "error" : "topup",
  };
}
