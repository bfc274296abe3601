import type { ReactNode } from "react";
import { classNames } from "./class-names";
import { CopyButton } from "./copy-button";

/** A region that scrolls must be reachable by keyboard. */
const SCROLLS = { tabIndex: 0 };

/** SQL, a request, a log, a digest list: as it is, to be copied. It scrolls by keyboard too. */
export function CodeBlock({
  code,
  label,
  copy = true,
  wrap = false,
  className,
  children,
}: {
  code: string;
  /** What it is, for screen readers. */
  label: string;
  copy?: boolean;
  wrap?: boolean;
  className?: string;
  /** Marked-up form of `code`, if there is one. */
  children?: ReactNode;
}) {
  return (
    <div className="group relative min-w-0">
      <section
        {...SCROLLS}
        aria-label={label}
        className={classNames(
          "overflow-auto rounded-md border border-line bg-sunken px-3 py-2.5 text-xs leading-[1.125rem]",
          wrap ? "whitespace-pre-wrap [overflow-wrap:anywhere]" : "whitespace-pre",
          className,
        )}
      >
        <pre className="text-[1em] [white-space:inherit]">{children ?? code}</pre>
      </section>
      {copy && (
        <div className="absolute top-1 right-1 rounded-md bg-sunken opacity-0 transition-opacity group-focus-within:opacity-100 group-hover:opacity-100 max-sm:opacity-100">
          <CopyButton text={code} />
        </div>
      )}
    </div>
  );
}
