"use client";
import { useTranslations } from "next-intl";
import { ErrorState } from "@/components/ui/error-state";

/** The last resort: a page that threw. Its digest stands in the log as well. */
export default function ErrorPage({
  error,
  reset,
}: {
  error: Error & { digest?: string };
  reset: () => void;
}) {
  const t = useTranslations("errorPage");
  return (
    <main className="grid min-h-[60dvh] place-items-center">
      <ErrorState title={t("title")} reference={error.digest} onRetry={reset}>
        {t("body")}
      </ErrorState>
    </main>
  );
}
