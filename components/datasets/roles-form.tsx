"use client";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { type FormEvent, useCallback, useState } from "react";
import { toast } from "sonner";
import { useAction } from "@/components/live/use-action";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Form, FormRow } from "@/components/ui/form";
import { Input } from "@/components/ui/input";
import { Panel } from "@/components/ui/panel";
import { updateDataset } from "@/lib/actions/datasets";
import type { DatasetDetailDto } from "@/lib/schemas/dataset";
import { RoleFields } from "./role-fields";

/** What was typed as days: a whole number, nothing, or not a number at all. */
export const parseDays = (text: string): number | null | undefined => {
  if (text.trim() === "") return null;
  const days = Number(text);
  return Number.isInteger(days) && days >= 1 && days <= 36_500 ? days : undefined;
};

/** Name, retention and roles of a dataset, to be corrected. */
export function RolesForm({ dataset, mayChange }: { dataset: DatasetDetailDto; mayChange: boolean }) {
  const t = useTranslations("datasets");
  const router = useRouter();
  const [name, setName] = useState(dataset.name);
  const [keep, setKeep] = useState(dataset.keepDays === null ? "" : String(dataset.keepDays));
  const [roles, setRoles] = useState(dataset.roles);
  const [wrongDays, setWrongDays] = useState(false);
  const done = useCallback(() => {
    toast.success(t("saved"));
    router.refresh();
  }, [router, t]);
  const { run, pending, error } = useAction(updateDataset, done);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const keepDays = parseDays(keep);
    setWrongDays(keepDays === undefined);
    if (keepDays === undefined) return;
    run({ datasetId: dataset.datasetId, name, keepDays, roles });
  };
  const fields = error?.fields ?? {};
  return (
    <Panel className="max-w-4xl">
      <Form
        onSubmit={submit}
        error={error?.message}
        actions={
          mayChange ? (
            <Button type="submit" tone="primary" pending={pending}>
              {t("saveRoles")}
            </Button>
          ) : (
            <span className="text-sm text-muted">{t("viewerHint")}</span>
          )
        }
      >
        <fieldset disabled={!mayChange} className="flex min-w-0 flex-col gap-4">
          <FormRow>
            <Field label={t("columns.name")} error={fields.name} required>
              <Input value={name} autoComplete="off" onChange={(event) => setName(event.target.value)} />
            </Field>
            <KeepField
              value={keep}
              onChange={setKeep}
              error={wrongDays ? t("wrongDays") : fields.keepDays}
              viaParent={dataset.parentId !== null}
            />
          </FormRow>
          <RoleFields
            roles={roles}
            columns={dataset.columns}
            guesses={[]}
            errors={fields}
            onChange={setRoles}
          />
        </fieldset>
      </Form>
    </Panel>
  );
}

export function KeepField({
  value,
  error,
  viaParent,
  onChange,
}: {
  value: string;
  error?: string;
  viaParent: boolean;
  onChange: (value: string) => void;
}) {
  const t = useTranslations("datasets");
  return (
    <Field label={t("keepDays")} hint={t(viaParent ? "keepDaysParent" : "keepDaysHint")} error={error}>
      <Input inputMode="numeric" value={value} onChange={(event) => onChange(event.target.value)} />
    </Field>
  );
}
