import { useTranslations } from "next-intl";
import { classNames } from "./class-names";

const numbers = (count: number): number[] => Array.from({ length: count }, (_, number) => number);

/** A grey block of the size of what will come. */
export const Skeleton = ({ className }: { className?: string }) => (
  <span aria-hidden className={classNames("skeleton block", className ?? "h-4 w-full")} />
);

/** Lines of text to come. */
export function SkeletonLines({ lines = 3 }: { lines?: number }) {
  return (
    <Loading>
      <div className="flex flex-col gap-2.5">
        {numbers(lines).map((line) => (
          <Skeleton key={line} className={classNames("h-3.5", line % 3 === 2 ? "w-3/5" : "w-full")} />
        ))}
      </div>
    </Loading>
  );
}

/** The rows of a table to come: same height, so that nothing jumps. */
export function SkeletonTable({ rows = 8, columns = 5 }: { rows?: number; columns?: number }) {
  return (
    <Loading>
      <div className="divide-y divide-line">
        {numbers(rows + 1).map((row) => (
          <div key={row} className="flex h-9 items-center gap-6 px-2.5">
            {numbers(columns).map((column) => (
              <Skeleton
                key={column}
                className={classNames(
                  "h-3.5",
                  column === 0 ? "w-1/4" : "flex-1",
                  column > 2 && "max-sm:hidden",
                )}
              />
            ))}
          </div>
        ))}
      </div>
    </Loading>
  );
}

/** Says aloud that something is loading. */
function Loading({ children }: { children: React.ReactNode }) {
  const t = useTranslations("common");
  return (
    <div role="status" aria-label={t("loading")}>
      {children}
    </div>
  );
}
