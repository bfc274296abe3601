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
import { removeDataset } from "@/lib/actions/datasets";

/** Takes the dataset out of Strata; rows, archive table and segments stay where they are. The name is typed. */
export function ForgetDataset({
  datasetId,
  name,
  childCount,
}: {
  datasetId: string;
  name: string;
  childCount: number;
}) {
  const t = useTranslations("datasets");
  const router = useRouter();
  const [typed, setTyped] = useState("");
  const done = useCallback(() => router.push("/datasets"), [router]);
  const { run, pending, error } = useAction(removeDataset, done);
  const hint = t("forgetHint", { name, count: childCount });
  return (
    <Panel title={t("danger")} tone="bad" className="max-w-4xl">
      <div className="flex flex-wrap items-center gap-3">
        <p className="min-w-60 flex-1 text-sm">{hint}</p>
        <ConfirmDialog
          trigger={<Button tone="danger-outline">{t("forget", { name })}</Button>}
          title={t("forgetTitle", { name })}
          description={hint}
          confirmLabel={t("forget", { name })}
          tone="danger"
          pending={pending}
          disabled={typed !== name}
          onConfirm={() => run({ datasetId, confirm: typed })}
        >
          <Field label={t.rich("typeName", { name, b: (chunks) => <b>{chunks}</b> })} error={error?.message}>
            <Input value={typed} autoComplete="off" onChange={(event) => setTyped(event.target.value)} />
          </Field>
        </ConfirmDialog>
      </div>
    </Panel>
  );
}
