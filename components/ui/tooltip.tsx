import { type ReactNode, useId } from "react";
import { classNames } from "./class-names";

/** A hint on hover and focus, without scripts. `children` hold one focusable element; figures use `title` instead. */
export function Tooltip({
  content,
  side = "top",
  children,
}: {
  content: ReactNode;
  side?: "top" | "bottom";
  children: ReactNode;
}) {
  const id = useId();
  return (
    <span className="group/tip relative inline-flex" aria-describedby={id}>
      {children}
      <span
        id={id}
        role="tooltip"
        className={classNames(
          "pointer-events-none invisible absolute left-1/2 z-50 w-max max-w-72 -translate-x-1/2 rounded-md border border-line bg-surface px-2.5 py-1.5 text-xs font-normal whitespace-normal text-ink opacity-0 shadow-popup transition-opacity",
          "group-focus-within/tip:visible group-focus-within/tip:opacity-100 group-hover/tip:visible group-hover/tip:opacity-100 group-hover/tip:delay-300",
          side === "top" ? "bottom-full mb-1.5" : "top-full mt-1.5",
        )}
      >
        {content}
      </span>
    </span>
  );
}
