"use client";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { type FormEvent, useCallback, useState } from "react";
import { useAction } from "@/components/live/use-action";
import { Button, ButtonLink } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Form, FormRow, FormSection } from "@/components/ui/form";
import { Input, Select } from "@/components/ui/input";
import { Panel } from "@/components/ui/panel";
import { createDataset } from "@/lib/actions/datasets";
import type { StoreTableDto } from "@/lib/schemas/store";
import { RoleFields } from "./role-fields";
import { KeepField, parseDays } from "./roles-form";

export interface ParentChoice {
  datasetId: string;
  name: string;
  schemaName: string;
  tableName: string;
  columns: string[];
}

/** One table becomes a dataset: guessed roles with their reasons, to be corrected before anything is saved. */
export function ManageForm({
  storeId,
  table,
  suggestedName,
  parents,
}: {
  storeId: string;
  table: StoreTableDto;
  suggestedName: string;
  /** Datasets of the same store it could hang on. */
  parents: readonly ParentChoice[];
}) {
  const t = useTranslations("datasets");
  const router = useRouter();
  const { proposal } = table;
  const [name, setName] = useState(suggestedName);
  const [keep, setKeep] = useState(proposal.keepDays === null ? "" : String(proposal.keepDays));
  const [roles, setRoles] = useState(proposal.roles);
  const proposed = parents.find(
    (parent) => parent.tableName === proposal.parent?.table && parent.schemaName === table.schema,
  );
  const [parentId, setParentId] = useState(proposed?.datasetId ?? "");
  const [link, setLink] = useState({
    column: proposal.parent?.column ?? "",
    parentColumn: proposal.parent?.parentColumn ?? "",
  });
  const [wrongDays, setWrongDays] = useState(false);
  const done = useCallback(
    (dataset: { datasetId: string }) => router.push(`/datasets/${dataset.datasetId}`),
    [router],
  );
  const { run, pending, error } = useAction(createDataset, done);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const keepDays = parseDays(keep);
    setWrongDays(keepDays === undefined);
    if (keepDays === undefined) return;
    run({
      storeId,
      schemaName: table.schema,
      tableName: table.name,
      name,
      preset: proposal.preset,
      roles,
      keepDays,
      parentId: parentId || null,
      parentLink: parentId ? link : null,
    });
  };
  const fields = error?.fields ?? {};
  const parent = parents.find((candidate) => candidate.datasetId === parentId);
  return (
    <Panel className="max-w-4xl">
      <Form
        onSubmit={submit}
        error={error?.message}
        actions={
          <>
            <Button type="submit" tone="primary" pending={pending}>
              {t("manageTable", { name: table.name })}
            </Button>
            <ButtonLink href={`/stores/${storeId}?tab=tables`}>{t("cancel")}</ButtonLink>
          </>
        }
      >
        <FormRow>
          <Field label={t("columns.name")} error={fields.name} required>
            <Input value={name} autoComplete="off" onChange={(event) => setName(event.target.value)} />
          </Field>
          <KeepField
            value={keep}
            onChange={setKeep}
            error={wrongDays ? t("wrongDays") : fields.keepDays}
            viaParent={parentId !== ""}
          />
        </FormRow>
        <RoleFields
          roles={roles}
          columns={proposal.columns}
          guesses={proposal.guesses}
          errors={fields}
          onChange={setRoles}
        />
        {parents.length > 0 && (
          <FormSection title={t("hangsOnTitle")} hint={t("hangsOnHint")}>
            <Field label={t("parentDataset")} error={fields.parentId ?? fields.parentTable}>
              <Select
                value={parentId}
                placeholder={t("noParent")}
                onChange={(event) => setParentId(event.target.value)}
                options={parents.map((one) => ({ value: one.datasetId, label: one.name }))}
              />
            </Field>
            {parent && (
              <FormRow>
                <Field label={t("linkColumn")} error={fields["parentLink.column"]}>
                  <Select
                    value={link.column}
                    placeholder={t("noColumn")}
                    onChange={(event) => setLink({ ...link, column: event.target.value })}
                    options={proposal.columns.map((one) => ({ value: one.name, label: one.name }))}
                  />
                </Field>
                <Field
                  label={t("parentColumn", { name: parent.name })}
                  error={fields["parentLink.parentColumn"]}
                >
                  <Select
                    value={link.parentColumn}
                    placeholder={t("noColumn")}
                    onChange={(event) => setLink({ ...link, parentColumn: event.target.value })}
                    options={parent.columns.map((one) => ({ value: one, label: one }))}
                  />
                </Field>
              </FormRow>
            )}
          </FormSection>
        )}
      </Form>
    </Panel>
  );
}
