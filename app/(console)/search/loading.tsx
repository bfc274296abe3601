import { Skeleton, SkeletonTable } from "@/components/ui/skeleton";

export default function Loading() {
  return (
    <>
      <header className="mx-auto flex min-h-14 w-full max-w-[1440px] items-center px-6 max-sm:px-4">
        <Skeleton className="h-5 w-24" />
      </header>
      <main className="mx-auto flex w-full max-w-[1440px] flex-1 flex-col gap-4 px-6 pb-8 max-sm:px-4">
        <div className="flex flex-wrap items-center gap-2">
          <Skeleton className="h-10 flex-1 basis-96" />
          <Skeleton className="h-7 w-72" />
        </div>
        <Skeleton className="h-4 w-80 max-w-full" />
        <div className="overflow-hidden rounded-md border border-line bg-surface">
          <SkeletonTable rows={8} columns={5} />
        </div>
      </main>
    </>
  );
}
