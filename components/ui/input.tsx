"use client";
import { ChevronDown } from "lucide-react";
import type { ComponentProps } from "react";
import { classNames } from "./class-names";
import { useFieldWiring } from "./field";

const BOX =
  "w-full min-w-0 rounded-md border border-line bg-sunken text-ink transition-colors hover:border-line-strong " +
  "focus-visible:border-accent focus-visible:outline-1 focus-visible:outline-offset-0 " +
  "aria-invalid:border-bad disabled:cursor-not-allowed disabled:opacity-60 " +
  // Below 16 px, phones zoom into a field that gets the focus.
  "text-sm max-sm:text-lg";

export type InputProps = ComponentProps<"input"> & {
  /** Identifiers, SQL, digests. */
  mono?: boolean;
};

export function Input({ className, mono, ...rest }: InputProps) {
  return (
    <input
      {...useFieldWiring()}
      {...rest}
      className={classNames(BOX, "h-8 px-2.5 max-sm:h-10", mono && "font-mono", className)}
    />
  );
}

export function Textarea({
  className,
  mono,
  rows = 3,
  ...rest
}: ComponentProps<"textarea"> & { mono?: boolean }) {
  return (
    <textarea
      {...useFieldWiring()}
      {...rest}
      rows={rows}
      className={classNames(BOX, "px-2.5 py-1.5", mono && "font-mono", className)}
    />
  );
}

export interface SelectOption {
  value: string;
  label: string;
  disabled?: boolean;
}

/** A choice of one. It is the browser's own: right on a phone, by keyboard and without scripts. */
export function Select({
  options,
  placeholder,
  className,
  ...rest
}: ComponentProps<"select"> & {
  options: readonly SelectOption[];
  /** Shown while nothing is chosen; its value is the empty string. */
  placeholder?: string;
}) {
  return (
    <span className={classNames("relative block min-w-0", className)}>
      <select
        {...useFieldWiring()}
        {...rest}
        className={classNames(BOX, "h-8 appearance-none truncate pr-7 pl-2.5 max-sm:h-10")}
      >
        {placeholder !== undefined && <option value="">{placeholder}</option>}
        {options.map((option) => (
          <option key={option.value} value={option.value} disabled={option.disabled}>
            {option.label}
          </option>
        ))}
      </select>
      <ChevronDown
        aria-hidden
        size={14}
        className="pointer-events-none absolute top-1/2 right-2 -translate-y-1/2 text-muted"
      />
    </span>
  );
}
