"use client";
import { Dialog } from "@base-ui/react/dialog";
import { Command as Base } from "cmdk";
import { Search } from "lucide-react";
import type { ReactNode } from "react";

/** A box to type in and a list that narrows: the frame of the command palette. Load it when it is first opened. */
export function CommandDialog({
  open,
  onOpenChange,
  label,
  placeholder,
  query,
  onQueryChange,
  footer,
  children,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  label: string;
  placeholder: string;
  query: string;
  onQueryChange: (query: string) => void;
  footer?: ReactNode;
  children: ReactNode;
}) {
  return (
    <Dialog.Root open={open} onOpenChange={onOpenChange}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-40 bg-[rgb(8_14_16/0.45)] transition-opacity data-ending-style:opacity-0 data-starting-style:opacity-0" />
        <Dialog.Popup
          aria-label={label}
          className="fixed top-[12vh] left-1/2 z-50 w-[36rem] max-w-[calc(100vw-1.5rem)] -translate-x-1/2 overflow-hidden rounded-md border border-line bg-surface shadow-popup transition-opacity data-ending-style:opacity-0 data-starting-style:opacity-0"
        >
          <Base label={label} loop>
            <div className="flex items-center gap-2.5 border-b border-line px-3.5">
              <Search aria-hidden size={16} className="text-muted" />
              <Base.Input
                value={query}
                onValueChange={onQueryChange}
                placeholder={placeholder}
                className="h-12 w-full bg-transparent text-base outline-hidden max-sm:text-lg"
              />
            </div>
            <Base.List className="max-h-[min(24rem,60vh)] overflow-y-auto p-1.5">{children}</Base.List>
            {footer && <div className="border-t border-line px-3.5 py-2 text-xs text-muted">{footer}</div>}
          </Base>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

export const CommandGroup = ({ heading, children }: { heading: string; children: ReactNode }) => (
  <Base.Group
    heading={heading}
    className="[&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:text-muted"
  >
    {children}
  </Base.Group>
);

export function CommandItem({
  value,
  icon,
  hint,
  alwaysShown,
  onSelect,
  children,
}: {
  /** What is matched against what was typed; unique in the list. */
  value: string;
  icon?: ReactNode;
  hint?: ReactNode;
  /** For results the server has matched already. */
  alwaysShown?: boolean;
  onSelect: () => void;
  children: ReactNode;
}) {
  return (
    <Base.Item
      value={value}
      forceMount={alwaysShown}
      onSelect={onSelect}
      className="flex min-h-9 cursor-pointer items-center gap-2.5 rounded-[4px] px-2 text-sm data-[selected=true]:bg-selected"
    >
      <span className="flex w-4 justify-center text-muted">{icon}</span>
      <span className="min-w-0 flex-1 truncate">{children}</span>
      {hint && <span className="shrink-0 text-xs text-muted">{hint}</span>}
    </Base.Item>
  );
}

export const CommandEmpty = ({ children }: { children: ReactNode }) => (
  <Base.Empty className="px-3 py-8 text-center text-sm text-muted">{children}</Base.Empty>
);
