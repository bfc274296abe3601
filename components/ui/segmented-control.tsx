"use client";
import type { ReactNode } from "react";
import { classNames } from "./class-names";

export interface Segment<Value extends string> {
  value: Value;
  label: ReactNode;
  /** For a segment that is only an icon. */
  name?: string;
}

/** One of a few, all in sight. */
export function SegmentedControl<Value extends string>({
  label,
  segments,
  value,
  onChange,
}: {
  label: string;
  segments: readonly Segment<Value>[];
  value: Value;
  onChange: (value: Value) => void;
}) {
  return (
    <fieldset className="inline-flex shrink-0 rounded-md border border-line bg-sunken p-0.5">
      <legend className="sr-only">{label}</legend>
      {segments.map((segment) => (
        <button
          key={segment.value}
          type="button"
          aria-pressed={segment.value === value}
          aria-label={segment.name}
          title={segment.name}
          onClick={() => onChange(segment.value)}
          className={classNames(
            "inline-flex h-6 items-center gap-1 rounded-[4px] px-2 text-xs whitespace-nowrap transition-colors max-sm:h-8",
            segment.value === value
              ? "bg-surface font-semibold text-ink ring-1 ring-line"
              : "text-muted hover:text-ink",
          )}
        >
          {segment.label}
        </button>
      ))}
    </fieldset>
  );
}
