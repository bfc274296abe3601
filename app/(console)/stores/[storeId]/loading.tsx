import { DetailSkeleton } from "@/components/stores/detail-skeleton";

export default function Loading() {
  return <DetailSkeleton />;
}
