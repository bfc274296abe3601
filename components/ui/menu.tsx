"use client";
import { Menu as Base } from "@base-ui/react/menu";
import { Ellipsis } from "lucide-react";
import Link from "next/link";
import type { ReactElement, ReactNode } from "react";
import { Button } from "./button";
import { classNames } from "./class-names";

export interface MenuEntry {
  key: string;
  label: ReactNode;
  icon?: ReactNode;
  /** Where it leads; else `onSelect` runs. */
  href?: string;
  onSelect?: () => void;
  tone?: "danger";
  disabled?: boolean;
  /** A second line: why it is disabled, or what it will do. */
  hint?: ReactNode;
  checked?: boolean;
}

const ITEM =
  "flex w-full cursor-pointer items-start gap-2 rounded-[4px] px-2.5 py-1.5 text-sm outline-hidden select-none " +
  "data-highlighted:bg-selected data-disabled:cursor-not-allowed data-disabled:text-muted max-sm:py-2.5";

/** Further actions behind one button. `label` names the default button; a trigger of your own has its own words. */
export function Menu({
  label,
  trigger,
  entries,
  align = "end",
}: {
  label: string;
  /** Default: a button with three dots. */
  trigger?: ReactElement;
  entries: readonly MenuEntry[];
  align?: "start" | "end";
}) {
  return (
    <Base.Root>
      <Base.Trigger
        aria-label={trigger ? undefined : label}
        render={
          trigger ?? (
            <Button
              className="w-8 !px-0 max-sm:w-10"
              title={label}
              icon={<Ellipsis aria-hidden size={16} />}
            />
          )
        }
      />
      <Base.Portal>
        <Base.Positioner sideOffset={4} align={align} className="z-50 outline-hidden">
          <Base.Popup className="max-h-(--available-height) min-w-44 max-w-80 overflow-y-auto rounded-md border border-line bg-surface p-1 shadow-popup outline-hidden transition-opacity data-ending-style:opacity-0 data-starting-style:opacity-0">
            {entries.map((entry) => (
              <Base.Item
                key={entry.key}
                disabled={entry.disabled}
                onClick={entry.onSelect}
                render={entry.href && !entry.disabled ? <Link href={entry.href} /> : undefined}
                className={classNames(ITEM, entry.tone === "danger" && "text-bad")}
              >
                {entry.icon && <span className="flex h-5 items-center">{entry.icon}</span>}
                <span className="min-w-0 flex-1">
                  {entry.label}
                  {entry.hint && <span className="block text-xs text-muted">{entry.hint}</span>}
                </span>
                {entry.checked && <span aria-hidden>✓</span>}
              </Base.Item>
            ))}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
