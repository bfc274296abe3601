import { StoreError } from "@/lib/errors";
import type { S3Handle } from "@/lib/stores/s3/client";
import {
  abortRule,
  abortRuleId,
  lifecycle,
  removeRule,
  setRule,
  tierRule,
  tierRuleId,
} from "@/lib/stores/s3/lifecycle";
import { bucketPrefix, prefixOfTable } from "@/lib/stores/s3/mapper";
import { abortUpload, STALE_MS, type StaleUpload, staleUploads } from "@/lib/stores/s3/uploads";
import type { OptimizeAccess, OptimizeAction, OptimizePlan } from "@/lib/stores/store";
import type { TableRef } from "@/lib/stores/table";

export const S3_ACTIONS = [
  { kind: "abortUploads", danger: true },
  { kind: "abortRule", danger: false },
  { kind: "tierInfrequent", danger: false },
  { kind: "tierInstant", danger: false },
  { kind: "dropTierRule", danger: false },
] as const;

/** Cheaper classes that still answer a read at once, and the age in days from which they pay. Slower ones would make a search wait for hours. */
const TIERS = {
  tierInfrequent: { storageClass: "STANDARD_IA", days: 30 },
  tierInstant: { storageClass: "GLACIER_IR", days: 90 },
} as const;
/** Days after which the bucket takes unfinished uploads back by itself. */
const ABORT_DAYS = 7;
const MOST_STATEMENTS = 20;

type Offer = { action: OptimizeAction; plan: OptimizePlan };

/** What can be done for the objects of one table (a prefix): uploads nobody finished, and the bucket's own rules. */
export function optimizeAccess(handle: S3Handle): OptimizeAccess {
  return {
    offers: (table, signal) => offers(handle, table, signal),
    run: (table, action, signal) => run(handle, table, action, signal),
  };
}

async function offers(handle: S3Handle, table: TableRef, signal: AbortSignal): Promise<Offer[]> {
  const prefix = prefixOfTable(table);
  const stale = await staleUploads(handle, prefix, STALE_MS, signal);
  const state = await lifecycle(handle, signal);
  return [
    abortOffer(handle, prefix, stale),
    ...(state.known ? ruleOffers(handle, prefix, idsOf(state.rules)) : []),
  ];
}

const idsOf = (rules: readonly { ID?: string }[]): Set<string> =>
  new Set(rules.flatMap(({ ID }) => ID ?? []));

const plan = (
  statements: string[],
  advice: OptimizePlan["advice"],
  more: Partial<OptimizePlan> = {},
): OptimizePlan => ({
  statements,
  lock: "none",
  lockName: "",
  needsBytes: 0,
  returnsBytes: 0,
  reusableBytes: 0,
  advice,
  ...more,
});

function abortOffer(handle: S3Handle, prefix: string, stale: readonly StaleUpload[]): Offer {
  const list = `ListMultipartUploads s3://${handle.bucket} prefix=${bucketPrefix(handle.config.prefix, prefix)}`;
  const lines = stale.map(
    ({ key, uploadId, startedAt }) =>
      `AbortMultipartUpload s3://${handle.bucket}/${key} uploadId=${uploadId} (${startedAt.toISOString()})`,
  );
  const more = lines.length > MOST_STATEMENTS ? [`… ${lines.length - MOST_STATEMENTS} more`] : [];
  const worth = stale.length > 0 ? "yes" : "no";
  const key = stale.length > 0 ? "s3StaleUploads" : "s3NoStaleUploads";
  return {
    action: { kind: "abortUploads" },
    plan: plan(
      [list, ...lines.slice(0, MOST_STATEMENTS), ...more],
      { key, worth, details: { count: stale.length } },
      {
        removes: stale.length > 0,
      },
    ),
  };
}

function ruleOffers(handle: S3Handle, prefix: string, ids: ReadonlySet<string>): Offer[] {
  const put = (rule: object) => [
    `PutBucketLifecycleConfiguration s3://${handle.bucket} ${JSON.stringify(rule)}`,
  ];
  const there = ids.has(abortRuleId());
  const tiered = ids.has(tierRuleId(prefix));
  const aborts: Offer = {
    action: { kind: "abortRule" },
    plan: plan(put(abortRule(handle, ABORT_DAYS)), {
      key: there ? "s3AbortRuleThere" : "s3AbortRule",
      worth: there ? "no" : "yes",
      details: { days: ABORT_DAYS },
    }),
  };
  const tiers = Object.entries(TIERS).map(
    ([kind, { days, storageClass }]): Offer => ({
      action: { kind },
      plan: plan(put(tierRule(handle, prefix, days, storageClass)), {
        key: tiered ? "s3TierRuleThere" : "s3TierRule",
        worth: tiered ? "no" : "maybe",
        details: { days, storageClass },
      }),
    }),
  );
  const drop: Offer = {
    action: { kind: "dropTierRule" },
    plan: plan([`PutBucketLifecycleConfiguration s3://${handle.bucket} − ${tierRuleId(prefix)}`], {
      key: "s3DropTierRule",
      worth: "maybe",
      details: {},
    }),
  };
  return [aborts, ...tiers, ...(tiered ? [drop] : [])];
}

async function* run(
  handle: S3Handle,
  table: TableRef,
  action: OptimizeAction,
  signal: AbortSignal,
): AsyncGenerator<{ phase: string; progress: number | null }> {
  if (handle.options.access === "read") throw readOnly(handle);
  const prefix = prefixOfTable(table);
  switch (action.kind) {
    case "abortUploads":
      yield* abortAll(handle, prefix, signal);
      break;
    case "abortRule":
      await setRule(handle, abortRule(handle, ABORT_DAYS), signal);
      break;
    case "tierInfrequent":
    case "tierInstant": {
      const { days, storageClass } = TIERS[action.kind];
      await setRule(handle, tierRule(handle, prefix, days, storageClass), signal);
      break;
    }
    case "dropTierRule":
      await removeRule(handle, tierRuleId(prefix), signal);
      break;
    default:
      throw unknown(action);
  }
  yield { phase: action.kind, progress: 1 };
}

async function* abortAll(handle: S3Handle, prefix: string, signal: AbortSignal) {
  const stale = await staleUploads(handle, prefix, STALE_MS, signal);
  for (const [at, upload] of stale.entries()) {
    await abortUpload(handle, upload, signal);
    yield { phase: "abortUploads", progress: (at + 1) / stale.length };
  }
}

const unknown = ({ kind, index }: OptimizeAction): StoreError =>
  new StoreError(
    "bad_input",
    `There is no action ${kind} ${index ?? ""} for an object store. Nothing was changed.`,
    {
      key: "s3.noAction",
      details: { action: `${kind} ${index ?? ""}`.trim() },
    },
  );

export const readOnly = (handle: S3Handle): StoreError =>
  new StoreError("forbidden", `The bucket ${handle.bucket} is open for reading only. Nothing was changed.`, {
    key: "s3.readOnly",
    details: { bucket: handle.bucket },
  });
