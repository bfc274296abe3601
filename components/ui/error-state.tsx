"use client";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { Button } from "./button";
import { ToneIcon } from "./tone";

/** A part that could not be loaded: what happened, and how to try again. The rest of the page lives on. */
export function ErrorState({
  title,
  children,
  reference,
  onRetry,
  pending,
}: {
  /** Default: this part could not be loaded. */
  title?: ReactNode;
  children?: ReactNode;
  /** The `ref` of the error, to be found in the log. */
  reference?: string;
  onRetry?: () => void;
  pending?: boolean;
}) {
  const t = useTranslations("common");
  const page = useTranslations("errorPage");
  return (
    <div role="alert" className="flex flex-col items-center gap-1.5 px-4 py-8 text-center">
      <ToneIcon tone="bad" size={18} />
      <p className="text-sm font-semibold">{title ?? page("part")}</p>
      {children && <div className="max-w-lg text-sm text-muted [overflow-wrap:anywhere]">{children}</div>}
      {reference && <p className="font-mono text-xs text-muted">{t("reference", { ref: reference })}</p>}
      {onRetry && (
        <Button className="mt-2" onClick={onRetry} pending={pending}>
          {t("tryAgain")}
        </Button>
      )}
    </div>
  );
}
