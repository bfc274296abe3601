import {
  Ban,
  CircleAlert,
  CircleCheck,
  CircleDashed,
  Clock,
  Info,
  LoaderCircle,
  type LucideIcon,
  Pause,
  TriangleAlert,
} from "lucide-react";

/** How something stands. Each tone has an icon of its own: nobody has to tell colours apart. */
export type Tone = "ok" | "warn" | "bad" | "info" | "busy" | "paused" | "waiting" | "idle" | "stopped";

export const TONE_TEXT: Record<Tone, string> = {
  ok: "text-ok",
  warn: "text-warn",
  bad: "text-bad",
  info: "text-info",
  busy: "text-accent",
  paused: "text-warn",
  waiting: "text-muted",
  idle: "text-muted",
  stopped: "text-muted",
};

const ICONS: Record<Tone, LucideIcon> = {
  ok: CircleCheck,
  warn: TriangleAlert,
  bad: CircleAlert,
  info: Info,
  busy: LoaderCircle,
  paused: Pause,
  waiting: Clock,
  idle: CircleDashed,
  stopped: Ban,
};

export function ToneIcon({ tone, size = 14 }: { tone: Tone; size?: number }) {
  const Icon = ICONS[tone];
  return (
    <Icon
      aria-hidden
      size={size}
      className={`shrink-0 ${TONE_TEXT[tone]} ${tone === "busy" ? "animate-spin [animation-duration:2s]" : ""}`}
    />
  );
}
