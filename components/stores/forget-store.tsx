"use client";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useCallback, useState } from "react";
import { useAction } from "@/components/live/use-action";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Panel } from "@/components/ui/panel";
import { deleteStore } from "@/lib/actions/stores";

/** Takes the store out of Strata; nothing in it is touched. The name is typed. */
export function ForgetStore({ storeId, name, inUse }: { storeId: string; name: string; inUse: boolean }) {
  const t = useTranslations("stores");
  const router = useRouter();
  const [typed, setTyped] = useState("");
  const done = useCallback(() => router.push("/stores"), [router]);
  const { run, pending, error } = useAction(deleteStore, done);
  return (
    <Panel title={t("danger")} tone="bad">
      <div className="flex flex-wrap items-center gap-3">
        <p className="min-w-60 flex-1 text-sm">{t(inUse ? "forgetInUse" : "forgetHint", { name })}</p>
        <ConfirmDialog
          trigger={
            <Button tone="danger-outline" disabled={inUse}>
              {t("forget", { name })}
            </Button>
          }
          title={t("forgetTitle", { name })}
          description={t("forgetHint", { name })}
          confirmLabel={t("forget", { name })}
          tone="danger"
          pending={pending}
          disabled={typed !== name}
          onConfirm={() => run({ storeId, confirm: typed })}
        >
          <Field label={t.rich("typeName", { name, b: (chunks) => <b>{chunks}</b> })} error={error?.message}>
            <Input value={typed} autoComplete="off" onChange={(event) => setTyped(event.target.value)} />
          </Field>
        </ConfirmDialog>
      </div>
    </Panel>
  );
}
