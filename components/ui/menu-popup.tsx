"use client";
import { Menu as Base } from "@base-ui/react/menu";
import Link from "next/link";
import { classNames } from "./class-names";
import type { MenuPopupProps } from "./menu";

const ITEM =
  "flex w-full cursor-pointer items-start gap-2 rounded-[4px] px-2.5 py-1.5 text-sm outline-hidden select-none " +
  "data-highlighted:bg-selected data-disabled:cursor-not-allowed data-disabled:text-muted max-sm:py-2.5";

/** The menu itself, open from the start: it is loaded when it is first asked for. */
export function MenuPopup({ trigger, entries, align }: MenuPopupProps) {
  return (
    <Base.Root defaultOpen>
      <Base.Trigger render={trigger} />
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
