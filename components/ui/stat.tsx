import type { ReactNode } from "react";
import { classNames } from "./class-names";

/** One large figure and what it is. */
export function Stat({
  value,
  caption,
  className,
}: {
  value: ReactNode;
  caption: ReactNode;
  className?: string;
}) {
  return (
    <div className="min-w-0">
      {/* A date in full is wider than half a phone. */}
      <div
        className={classNames(
          "text-xl font-semibold whitespace-nowrap max-sm:[&_time]:text-base max-sm:[&_time]:whitespace-normal",
          className,
        )}
      >
        {value}
      </div>
      <div className="text-xs text-muted">{caption}</div>
    </div>
  );
}

/** Stats beside each other; they wrap on a phone. */
export const Stats = ({ children }: { children: ReactNode }) => (
  <div className="flex flex-wrap gap-x-9 gap-y-3 max-sm:grid max-sm:grid-cols-2 max-sm:gap-x-4">
    {children}
  </div>
);
