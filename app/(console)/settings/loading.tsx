import { Skeleton, SkeletonLines } from "@/components/ui/skeleton";

export default function Loading() {
  return (
    <>
      <header className="mx-auto flex min-h-14 w-full max-w-[1440px] items-center px-6 max-sm:px-4">
        <Skeleton className="h-5 w-24" />
      </header>
      <main className="mx-auto flex w-full max-w-[1440px] flex-1 flex-col gap-4 px-6 pb-8 max-sm:px-4">
        <div className="flex h-9 items-center gap-4 border-b border-line">
          <Skeleton className="h-4 w-16" />
          <Skeleton className="h-4 w-16" />
          <Skeleton className="h-4 w-24" />
        </div>
        <div className="grid items-start gap-4 lg:grid-cols-2">
          <div className="rounded-md border border-line bg-surface p-4">
            <SkeletonLines lines={8} />
          </div>
          <div className="rounded-md border border-line bg-surface p-4">
            <SkeletonLines lines={8} />
          </div>
        </div>
      </main>
    </>
  );
}
