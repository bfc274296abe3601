import { Skeleton, SkeletonTable } from "@/components/ui/skeleton";

export default function Loading() {
  return (
    <>
      <header className="mx-auto flex min-h-14 w-full max-w-[1440px] items-center px-6 max-sm:px-4">
        <Skeleton className="h-5 w-28" />
      </header>
      <main className="mx-auto flex w-full max-w-[1440px] flex-1 flex-col gap-4 px-6 pb-8 max-sm:px-4">
        <div className="flex flex-wrap gap-2">
          <Skeleton className="h-8 w-44" />
          <Skeleton className="h-8 w-36" />
          <Skeleton className="h-8 w-40" />
          <Skeleton className="h-8 w-40" />
        </div>
        <div className="overflow-hidden rounded-md border border-line bg-surface">
          <SkeletonTable rows={12} columns={6} />
        </div>
      </main>
    </>
  );
}
