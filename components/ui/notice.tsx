import type { ReactNode } from "react";
import { classNames } from "./class-names";
import { ToneIcon } from "./tone";

export type NoticeTone = "ok" | "warn" | "bad" | "info";

const BAR: Record<NoticeTone, string> = {
  ok: "border-l-ok",
  warn: "border-l-warn",
  bad: "border-l-bad",
  info: "border-l-info",
};

/** A sentence that must be seen, with what to do about it at its end. */
export function Notice({
  tone,
  title,
  actions,
  children,
  className,
}: {
  tone: NoticeTone;
  /** The first sentence, bold. */
  title?: ReactNode;
  actions?: ReactNode;
  children?: ReactNode;
  className?: string;
}) {
  return (
    <div
      role={tone === "bad" ? "alert" : "status"}
      className={classNames(
        "flex items-start gap-2.5 rounded-md border border-l-[3px] border-line bg-surface px-3.5 py-2.5 text-sm",
        "max-sm:flex-col",
        BAR[tone],
        className,
      )}
    >
      <div className="flex min-w-0 flex-1 items-start gap-2.5">
        <span className="flex h-5 items-center">
          <ToneIcon tone={tone} size={15} />
        </span>
        <div className="min-w-0 [overflow-wrap:anywhere]">
          {title && <strong className="font-semibold">{title} </strong>}
          {children}
        </div>
      </div>
      {actions && <div className="flex flex-wrap items-center gap-2 sm:-my-1">{actions}</div>}
    </div>
  );
}
