import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { classNames } from "./class-names";
import { TONE_TEXT, type Tone, ToneIcon } from "./tone";

/** A word in a thin frame: `never used`, `late rows`. */
export function Badge({ tone, title, children }: { tone?: Tone; title?: string; children: ReactNode }) {
  return (
    <span
      title={title}
      className={classNames(
        "inline-flex h-[18px] items-center rounded-[4px] border px-1.5 text-2xs whitespace-nowrap",
        tone ? classNames("border-current", TONE_TEXT[tone]) : "border-line text-muted",
      )}
    >
      {children}
    </span>
  );
}

const STATE_TONES = {
  healthy: "ok",
  warning: "warn",
  unreachable: "bad",
  unknown: "idle",
  queued: "waiting",
  running: "busy",
  paused: "paused",
  waiting: "waiting",
  succeeded: "ok",
  partial: "warn",
  failed: "bad",
  cancelled: "stopped",
} as const satisfies Record<string, Tone>;

export type BadgeState = keyof typeof STATE_TONES;

const isBadgeState = (state: string): state is BadgeState => state in STATE_TONES;

/** Icon and word of a state (`states.<state>` in the messages); `children` replace the word. */
export function StateBadge({
  state,
  children,
  title,
}: {
  state: BadgeState | string;
  children?: ReactNode;
  title?: string;
}) {
  const t = useTranslations("states");
  const known = isBadgeState(state) ? state : "unknown";
  const tone = STATE_TONES[known];
  return (
    <span
      title={title}
      className={classNames("inline-flex items-center gap-1.5 whitespace-nowrap text-sm", TONE_TEXT[tone])}
    >
      <ToneIcon tone={tone} />
      {children ?? (isBadgeState(state) ? t(known) : state)}
    </span>
  );
}

export type TierName = "hot" | "archive" | "cold";

export const TIER_FILL: Record<TierName, string> = { hot: "bg-hot", archive: "bg-archive", cold: "bg-cold" };
export const TIER_TEXT: Record<TierName, string> = {
  hot: "text-hot-ink",
  archive: "text-archive-ink",
  cold: "text-cold-ink",
};

/** The tier's square and its word. */
export function TierBadge({ tier }: { tier: TierName }) {
  const t = useTranslations("tiers");
  return (
    <span className="inline-flex items-center gap-1.5 whitespace-nowrap">
      <TierMark tier={tier} />
      {t(tier)}
    </span>
  );
}

export const TierMark = ({ tier }: { tier: TierName }) => (
  <span aria-hidden className={classNames("size-2 shrink-0 rounded-[2px]", TIER_FILL[tier])} />
);
