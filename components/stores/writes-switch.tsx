"use client";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useCallback, useState } from "react";
import { useAction } from "@/components/live/use-action";
import { Switch } from "@/components/ui/choice";
import { ConfirmDialog } from "@/components/ui/dialog";
import { Notice } from "@/components/ui/notice";
import { enableWrites } from "@/lib/actions/stores";

/** Read-only or writable. Enabling asks first; making it read-only again takes effect at once. */
export function WritesSwitch({
  storeId,
  name,
  enabled,
  mayChange,
}: {
  storeId: string;
  name: string;
  enabled: boolean;
  mayChange: boolean;
}) {
  const t = useTranslations("stores");
  const router = useRouter();
  const [asking, setAsking] = useState(false);
  const done = useCallback(() => {
    setAsking(false);
    router.refresh();
  }, [router]);
  const { run, pending, error, clear } = useAction(enableWrites, done);
  return (
    <div className="flex flex-col gap-2">
      <Switch
        checked={enabled}
        disabled={!mayChange || pending}
        onCheckedChange={(next) => {
          clear();
          if (next) setAsking(true);
          else run({ storeId, enabled: false });
        }}
        label={t(enabled ? "writesOn" : "writesOff")}
        hint={mayChange ? t(enabled ? "writesOnHint" : "writesOffHint") : t("writesAdmin")}
      />
      {error && !asking && <Notice tone="bad">{error.message}</Notice>}
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={t("enableTitle", { name })}
        description={t("enableBody", { name })}
        confirmLabel={t("enableConfirm", { name })}
        pending={pending}
        onConfirm={() => run({ storeId, enabled: true })}
      >
        {error && <Notice tone="bad">{error.message}</Notice>}
      </ConfirmDialog>
    </div>
  );
}
