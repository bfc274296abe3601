import type { LifecycleRule, TransitionStorageClass } from "@aws-sdk/client-s3";
import { isAppError, StoreError } from "@/lib/errors";
import type { S3Handle } from "@/lib/stores/s3/client";
import { s3Code, statusOf } from "@/lib/stores/s3/errors";
import { bucketPrefix } from "@/lib/stores/s3/mapper";

/** Rules with this at the beginning of their id are ours; no other is ever changed. */
export const OUR_RULES = "strata-";

export type LifecycleState =
  | { known: true; rules: LifecycleRule[] }
  /** `unsupported`: the server has no lifecycle; `forbidden`: the key may not read it. */
  | { known: false; why: "unsupported" | "forbidden" };

/** The bucket's rules, or why they are not known. */
export async function lifecycle(handle: S3Handle, signal: AbortSignal): Promise<LifecycleState> {
  try {
    const found = await handle.call({ signal, what: handle.bucket }, (client, sdk, abortSignal) =>
      client.send(new sdk.GetBucketLifecycleConfigurationCommand({ Bucket: handle.bucket }), { abortSignal }),
    );
    return { known: true, rules: found.Rules ?? [] };
  } catch (error) {
    if (s3Code(error) === "NoSuchLifecycleConfiguration") return { known: true, rules: [] };
    if (isAppError(error) && error.key === "s3.right") return { known: false, why: "forbidden" };
    if (isAppError(error) && (error.key === "s3.notImplemented" || error.key === "s3.other"))
      return { known: false, why: "unsupported" };
    throw error;
  }
}

/** Puts our rules of a prefix in place of the ones we made for it earlier; everybody else's stay as they are. */
export async function setRule(handle: S3Handle, rule: LifecycleRule, signal: AbortSignal): Promise<void> {
  await change(handle, (rules) => [...rules.filter(({ ID }) => ID !== rule.ID), rule], signal);
}

/** Takes our rule with this id away. One that is not there is no error. */
export async function removeRule(handle: S3Handle, id: string, signal: AbortSignal): Promise<void> {
  await change(handle, (rules) => rules.filter(({ ID }) => ID !== id), signal);
}

async function change(
  handle: S3Handle,
  edit: (rules: LifecycleRule[]) => LifecycleRule[],
  signal: AbortSignal,
): Promise<void> {
  const now = await lifecycle(handle, signal);
  if (!now.known) throw ruleRefused(now.why); // blindly, the rules of others would be overwritten
  const Rules = edit(now.rules);
  try {
    await putRules(handle, Rules, signal);
  } catch (error) {
    // Whatever a server dislikes in a rule, it answers 400 in words of its own.
    if (statusOf(error) === 400 && isAppError(error) && error.code === "internal") throw ruleRefused(error);
    throw error;
  }
}

const ruleRefused = (cause?: unknown): StoreError =>
  new StoreError(
    "refused",
    "The server does not accept this lifecycle rule. Nothing was changed. MinIO, for one, takes back unfinished uploads by itself and needs a remote tier for a storage class.",
    { key: "s3.ruleRefused", cause },
  );

async function putRules(handle: S3Handle, Rules: LifecycleRule[], signal: AbortSignal): Promise<void> {
  await handle.call({ signal, what: handle.bucket }, (client, sdk, abortSignal) =>
    Rules.length === 0
      ? client.send(new sdk.DeleteBucketLifecycleCommand({ Bucket: handle.bucket }), { abortSignal })
      : client.send(
          new sdk.PutBucketLifecycleConfigurationCommand({
            Bucket: handle.bucket,
            LifecycleConfiguration: { Rules },
            ChecksumAlgorithm: "CRC32",
          }),
          { abortSignal },
        ),
  );
}

const inBucket = (handle: S3Handle, prefix: string): string =>
  prefix === "" && handle.config.prefix !== ""
    ? `${handle.config.prefix}/`
    : bucketPrefix(handle.config.prefix, prefix);

const ruleId = (kind: string, prefix: string): string =>
  `${OUR_RULES}${kind}${prefix === "" ? "" : `-${Buffer.from(prefix).toString("base64url")}`}`.slice(0, 255);

export const tierRuleId = (prefix: string): string => ruleId("tier", prefix);
export const abortRuleId = (): string => ruleId("abort", "");

/** Moves objects of a prefix to a cheaper class when they are so old. */
export const tierRule = (
  handle: S3Handle,
  prefix: string,
  days: number,
  storageClass: TransitionStorageClass,
): LifecycleRule => ({
  ID: tierRuleId(prefix),
  Status: "Enabled",
  Filter: { Prefix: inBucket(handle, prefix) },
  Transitions: [{ Days: days, StorageClass: storageClass }],
});

/** Takes back uploads that nobody finished within so many days, below the store's prefix. */
export const abortRule = (handle: S3Handle, days: number): LifecycleRule => ({
  ID: abortRuleId(),
  Status: "Enabled",
  Filter: { Prefix: inBucket(handle, "") },
  AbortIncompleteMultipartUpload: { DaysAfterInitiation: days },
});

/** A rule in a line: what it does to which keys after how many days. */
export function ruleText(rule: LifecycleRule): { label: string; days: number; note: string } {
  const prefix = rule.Filter?.Prefix ?? rule.Filter?.And?.Prefix ?? rule.Prefix ?? "";
  const transition = rule.Transitions?.[0];
  const effects = [
    ...(rule.Transitions ?? []).map(({ StorageClass }) => `→ ${StorageClass}`),
    ...(rule.Expiration ? ["✕"] : []),
    ...(rule.AbortIncompleteMultipartUpload ? ["AbortIncompleteMultipartUpload"] : []),
    ...(rule.NoncurrentVersionExpiration ? ["NoncurrentVersionExpiration"] : []),
  ];
  return {
    label: `${prefix === "" ? "*" : `${prefix}*`} ${effects.join(", ")}`.trim(),
    days:
      transition?.Days ??
      rule.Expiration?.Days ??
      rule.AbortIncompleteMultipartUpload?.DaysAfterInitiation ??
      rule.NoncurrentVersionExpiration?.NoncurrentDays ??
      0,
    note: `${rule.ID ?? ""}${rule.Status === "Enabled" ? "" : " (disabled)"}`,
  };
}

/** Rules that delete current objects which may be segments: they would remove what Strata holds for the only copy. */
export const deletingRules = (handle: S3Handle, rules: readonly LifecycleRule[]): LifecycleRule[] =>
  rules.filter((rule) => {
    if (rule.Status !== "Enabled" || !(rule.Expiration?.Days || rule.Expiration?.Date)) return false;
    const prefix = rule.Filter?.Prefix ?? rule.Filter?.And?.Prefix ?? rule.Prefix ?? "";
    const own = inBucket(handle, "");
    return prefix.startsWith(own) || own.startsWith(prefix);
  });
