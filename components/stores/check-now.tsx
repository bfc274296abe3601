"use client";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useCallback, useEffect } from "react";
import { toast } from "sonner";
import { useAction } from "@/components/live/use-action";
import { Button } from "@/components/ui/button";
import { refreshStore } from "@/lib/actions/stores";

/** Asks the store now instead of waiting for the next sample. */
export function CheckNow({ storeId }: { storeId: string }) {
  const t = useTranslations("stores");
  const router = useRouter();
  const done = useCallback(() => {
    toast.success(t("checked"));
    router.refresh();
  }, [router, t]);
  const { run, pending, error } = useAction(refreshStore, done);
  useEffect(() => {
    if (error) toast.error(error.message);
  }, [error]);
  return (
    <Button pending={pending} onClick={() => run({ storeId })}>
      {t("checkNow")}
    </Button>
  );
}
