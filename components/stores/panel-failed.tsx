"use client";
import { useRouter } from "next/navigation";
import { useTransition } from "react";
import { useShownError } from "@/components/live/use-action";
import { ErrorState } from "@/components/ui/error-state";
import type { ErrorDto } from "@/lib/errors";

/** In place of a panel whose figures could not be read; the rest of the page lives on. */
export function PanelFailed({ error }: { error: ErrorDto }) {
  const router = useRouter();
  const [pending, start] = useTransition();
  const shown = useShownError()(error);
  return (
    <ErrorState reference={shown.ref} pending={pending} onRetry={() => start(() => router.refresh())}>
      {shown.message}
    </ErrorState>
  );
}
