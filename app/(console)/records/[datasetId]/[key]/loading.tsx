import { Skeleton, SkeletonLines, SkeletonTable } from "@/components/ui/skeleton";

const FRAME = "rounded-md border border-line bg-surface p-4";

export default function Loading() {
  return (
    <>
      <header className="mx-auto flex min-h-14 w-full max-w-[1440px] items-center px-6 max-sm:px-4">
        <Skeleton className="h-5 w-64" />
      </header>
      <main className="mx-auto flex w-full max-w-[1440px] flex-1 flex-col gap-4 px-6 pb-8 max-sm:px-4">
        <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,7fr)_minmax(0,3fr)]">
          <div className="flex flex-col gap-4">
            <div className={FRAME}>
              <SkeletonLines lines={4} />
            </div>
            <div className={FRAME}>
              <SkeletonLines lines={10} />
            </div>
          </div>
          <div className="rounded-md border border-line bg-surface">
            <SkeletonTable rows={8} columns={2} />
          </div>
        </div>
      </main>
    </>
  );
}
