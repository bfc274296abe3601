import { Skeleton, SkeletonTable } from "@/components/ui/skeleton";

/** What stands there until a page's data comes: its head, then rows. A page with another shape brings its own. */
export function PageSkeleton({ rows = 10, columns = 5 }: { rows?: number; columns?: number }) {
  return (
    <>
      <header className="mx-auto flex min-h-14 w-full max-w-[1440px] items-center px-6 max-sm:px-4">
        <Skeleton className="h-5 w-48" />
      </header>
      <main className="mx-auto w-full max-w-[1440px] flex-1 px-6 pb-8 max-sm:px-4">
        <div className="overflow-hidden rounded-md border border-line bg-surface">
          <SkeletonTable rows={rows} columns={columns} />
        </div>
      </main>
    </>
  );
}
