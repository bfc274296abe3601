import { Skeleton, SkeletonTable } from "@/components/ui/skeleton";

const FIGURES = ["hot", "archive", "cold", "rows", "growth"];

/** The shape of a detail page: head, state line, figures, two charts, tabs, a table. */
export function DetailSkeleton() {
  return (
    <>
      <header className="mx-auto flex min-h-14 w-full max-w-[1440px] items-center justify-between px-6 max-sm:px-4">
        <Skeleton className="h-5 w-48" />
        <Skeleton className="h-8 w-28" />
      </header>
      <main className="mx-auto flex w-full max-w-[1440px] flex-1 flex-col gap-4 px-6 pb-8 max-sm:px-4">
        <Skeleton className="h-4 w-80 max-w-full" />
        <div className="flex flex-wrap gap-9">
          {FIGURES.map((figure) => (
            <div key={figure} className="flex h-11 flex-col gap-2">
              <Skeleton className="h-5 w-20" />
              <Skeleton className="h-3 w-16" />
            </div>
          ))}
        </div>
        <div className="grid gap-4 lg:grid-cols-[minmax(0,7fr)_minmax(0,5fr)]">
          <Skeleton className="h-64 w-full" />
          <Skeleton className="h-64 w-full" />
        </div>
        <div className="flex h-9 gap-4 border-b border-line">
          <Skeleton className="h-4 w-16" />
          <Skeleton className="h-4 w-16" />
          <Skeleton className="h-4 w-16" />
        </div>
        <div className="overflow-hidden rounded-md border border-line bg-surface">
          <SkeletonTable rows={4} columns={5} />
        </div>
      </main>
    </>
  );
}
