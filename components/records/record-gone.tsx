"use client";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useTransition } from "react";
import { useShownError } from "@/components/live/use-action";
import { ErrorState } from "@/components/ui/error-state";

/** In place of a row that no tier has, or that could not be looked for everywhere. */
export function RecordGone({
  error,
}: {
  error: { message: string; key?: string; details?: Record<string, unknown> };
}) {
  const t = useTranslations("record");
  const router = useRouter();
  const [pending, start] = useTransition();
  const shown = useShownError();
  return (
    <ErrorState title={t("gone")} pending={pending} onRetry={() => start(() => router.refresh())}>
      {shown({ code: "not_found", ...error }).message}
    </ErrorState>
  );
}
