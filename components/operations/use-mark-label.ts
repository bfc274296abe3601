import { useTranslations } from "next-intl";
import { useCallback } from "react";
import type { Mark } from "@/lib/schemas/metrics";

/** What a mark on a size chart says: the kind of the operation, or how many lie together. */
export function useMarkLabel(): (marks: readonly Mark[]) => string {
  const t = useTranslations("overview");
  return useCallback(
    (marks) =>
      marks.length === 1 ? t(`marks.${marks[0]?.kind}`) : t("marks.several", { count: marks.length }),
    [t],
  );
}
