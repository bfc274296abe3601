import Link from "next/link";
import type { ComponentProps, ReactNode } from "react";
import { classNames } from "./class-names";
import { Spinner } from "./spinner";

export type ButtonTone = "primary" | "secondary" | "danger" | "danger-outline" | "ghost";
export type ButtonSize = "sm" | "md";

const TONES: Record<ButtonTone, string> = {
  primary:
    "border-accent bg-accent text-on-accent font-semibold hover:bg-accent-strong hover:border-accent-strong",
  secondary: "border-line bg-surface text-ink hover:bg-hover hover:border-line-strong",
  danger: "border-bad bg-bad text-on-bad font-semibold hover:bg-bad-strong hover:border-bad-strong",
  "danger-outline": "border-bad bg-surface text-bad hover:bg-bad-soft",
  ghost: "border-transparent bg-transparent text-muted hover:bg-hover hover:text-ink",
};

const SIZES: Record<ButtonSize, string> = {
  sm: "h-7 px-2.5 text-xs",
  md: "h-8 px-3 text-sm max-sm:h-10",
};

const look = (tone: ButtonTone, size: ButtonSize, extra?: string): string =>
  classNames(
    "inline-flex shrink-0 items-center justify-center gap-1.5 rounded-md border whitespace-nowrap transition-colors select-none",
    "disabled:cursor-not-allowed disabled:opacity-55 aria-disabled:cursor-not-allowed aria-disabled:opacity-55",
    TONES[tone],
    SIZES[size],
    extra,
  );

interface Look {
  tone?: ButtonTone;
  size?: ButtonSize;
  /** A 14 px icon before the words. */
  icon?: ReactNode;
}

export type ButtonProps = ComponentProps<"button"> &
  Look & {
    /** Shows that the press was taken; further presses do nothing, and the focus stays. */
    pending?: boolean;
  };

export function Button({
  tone = "secondary",
  size = "md",
  icon,
  pending = false,
  className,
  children,
  onClick,
  type = "button",
  ...rest
}: ButtonProps) {
  return (
    <button
      {...rest}
      type={pending ? "button" : type}
      aria-busy={pending || undefined}
      aria-disabled={pending || rest["aria-disabled"]}
      onClick={pending ? undefined : onClick}
      className={look(tone, size, className)}
    >
      {pending ? <Spinner /> : icon}
      {children}
    </button>
  );
}

/** A link that looks like a button. */
export function ButtonLink({
  tone = "secondary",
  size = "md",
  icon,
  className,
  children,
  ...rest
}: ComponentProps<typeof Link> & Look) {
  return (
    <Link {...rest} className={look(tone, size, className)}>
      {icon}
      {children}
    </Link>
  );
}
