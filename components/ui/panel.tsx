import type { ReactNode } from "react";
import { classNames } from "./class-names";

export interface PanelProps {
  title?: ReactNode;
  /** What the title counts or in which unit it is: `GB, 90 days`, `4`. */
  unit?: ReactNode;
  actions?: ReactNode;
  /** `none` for a table that reaches the frame. */
  padding?: "normal" | "none";
  tone?: "bad" | "warn";
  className?: string;
  children: ReactNode;
}

/** A framed part of a page. A panel never stands in a panel. */
export function Panel({ title, unit, actions, padding = "normal", tone, className, children }: PanelProps) {
  return (
    <section
      className={classNames(
        "flex min-w-0 flex-col rounded-md border bg-surface",
        tone === "bad" ? "border-bad" : tone === "warn" ? "border-warn" : "border-line",
        padding === "normal" && "p-4",
        className,
      )}
    >
      {(title || actions) && (
        <header
          className={classNames(
            "flex min-h-5 items-center gap-2",
            padding === "none" ? "px-4 pt-3.5 pb-1.5" : "mb-2.5",
          )}
        >
          <h2 className="min-w-0 flex-1 text-sm font-semibold">
            {title}
            {unit !== undefined && unit !== null && (
              <span className="ml-1.5 font-normal text-muted">{unit}</span>
            )}
          </h2>
          {actions && <div className="-my-1 flex items-center gap-2">{actions}</div>}
        </header>
      )}
      {children}
    </section>
  );
}

/** A subject inside a panel. */
export const PanelHeading = ({ children }: { children: ReactNode }) => (
  <h3 className="mt-4 mb-1.5 text-sm font-semibold">{children}</h3>
);

/** Names and values beneath each other, a thin line between. */
export function Facts({ children, className }: { children: ReactNode; className?: string }) {
  return <dl className={classNames("divide-y divide-line text-sm", className)}>{children}</dl>;
}

export function Fact({ label, children }: { label: ReactNode; children: ReactNode }) {
  return (
    <div className="flex min-h-9 items-center justify-between gap-4 py-1.5">
      <dt className="shrink-0 text-muted">{label}</dt>
      <dd className="min-w-0 text-right [overflow-wrap:anywhere]">{children}</dd>
    </div>
  );
}
