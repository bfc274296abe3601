"use client";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { type FormEvent, useCallback, useState } from "react";
import { type ShownError, useAction } from "@/components/live/use-action";
import { Button, ButtonLink } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Form, FormSection } from "@/components/ui/form";
import { Input } from "@/components/ui/input";
import { Panel } from "@/components/ui/panel";
import { createStore, testStore, updateStore } from "@/lib/actions/stores";
import type { StoreDetailDto, StoreDriverDto, StoreTestDto } from "@/lib/schemas/store";
import { AddressField } from "./address-field";
import { KindChoice } from "./kind-choice";
import { StoreFields } from "./store-fields";
import { TestResult } from "./test-result";

type Values = Record<string, string>;

/** Where a form begins: a number's placeholder is its usual value, `prefer` the usual one of a choice. */
const startOf = (driver: StoreDriverDto | undefined): Values =>
  Object.fromEntries(
    (driver?.fields ?? []).map((field) => [
      field.name,
      field.type === "select"
        ? (field.options.find((option) => option === "prefer") ?? field.options[0] ?? "")
        : field.type === "number"
          ? (field.placeholder ?? "")
          : "",
    ]),
  );

const savedOf = (store: StoreDetailDto): Values =>
  Object.fromEntries(
    Object.entries(store.config).map(([name, value]) => [name, value === null ? "" : String(value)]),
  );

const suggestName = (values: Values): string =>
  values.database || values.path?.split("/").filter(Boolean).at(-1) || "";

/** Kind, fields, test, name, save: for a new store, or for a saved one whose connection changes. */
export function StoreForm({
  drivers,
  saved,
}: {
  drivers: readonly StoreDriverDto[];
  saved?: StoreDetailDto;
}) {
  const t = useTranslations("stores");
  const router = useRouter();
  const [kind, setKind] = useState(saved?.kind ?? drivers[0]?.kind ?? "");
  const driver = drivers.find((candidate) => candidate.kind === kind);
  const [values, setValues] = useState<Values>(() => ({ ...startOf(driver), ...(saved && savedOf(saved)) }));
  const [name, setName] = useState(saved?.name ?? "");
  const [test, setTest] = useState<StoreTestDto | null>(null);
  const [empty, setEmpty] = useState<Values>({});
  const saveDone = useCallback(
    (store: StoreDetailDto) => router.push(`/stores/${store.storeId}${saved ? "" : "?tab=tables"}`),
    [router, saved],
  );
  const testing = useAction(testStore, setTest);
  const creating = useAction(createStore, saveDone);
  const updating = useAction(updateStore, saveDone);
  const saving = saved ? updating : creating;
  const failed: ShownError | null = saving.error ?? testing.error;
  const change = useCallback((changes: Values) => {
    setValues((before) => ({ ...before, ...changes }));
    setEmpty((before) => Object.fromEntries(Object.entries(before).filter(([field]) => !changes[field])));
    setTest(null);
  }, []);
  if (!driver) return null;

  const choose = (next: string) => {
    setKind(next);
    setValues(startOf(drivers.find((candidate) => candidate.kind === next)));
    setTest(null);
    setEmpty({});
    for (const action of [testing, creating, updating]) action.clear();
  };
  /** What is required and empty, said before the server is asked. */
  const complete = (alsoName: "withName" | "withoutName"): boolean => {
    const missing = driver.fields.filter((field) => field.required && !values[field.name]?.trim());
    const found = Object.fromEntries(missing.map((field) => [field.name, t("fillIn")]));
    if (alsoName === "withName" && !nameShown.trim()) found.name = t("fillIn");
    setEmpty(found);
    return Object.keys(found).length === 0;
  };
  const nameShown = name || (saved ? "" : suggestName(values));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    testing.clear();
    if (!complete("withName")) return;
    if (saved) updating.run({ storeId: saved.storeId, name: nameShown, config: values });
    else creating.run({ name: nameShown, kind, config: values });
  };
  const errors = { ...failed?.fields, ...empty };
  const known = new Set(["name", ...driver.fields.flatMap((field) => [field.name, `config.${field.name}`])]);
  const elsewhere = failed && Object.keys(failed.fields).some((field) => known.has(field)) ? null : failed;

  return (
    <Panel className="max-w-3xl">
      <Form
        onSubmit={submit}
        error={elsewhere && <FailedWords error={elsewhere} />}
        actions={
          <>
            <Button type="submit" tone="primary" pending={saving.pending}>
              {saving.pending ? t("saving") : t(saved ? "saveChanges" : "save")}
            </Button>
            <ButtonLink href={saved ? `/stores/${saved.storeId}` : "/stores"}>{t("cancel")}</ButtonLink>
          </>
        }
      >
        {!saved && (
          <FormSection title={t("steps.kind")}>
            <KindChoice drivers={drivers} chosen={kind} onChoose={choose} />
          </FormSection>
        )}
        <FormSection title={t("steps.connection")} hint={t("steps.connectionHint")}>
          {driver.parsesUrl && <AddressField key={kind} kind={kind} onFields={change} />}
          <StoreFields
            driver={driver}
            values={values}
            errors={errors}
            secretsSet={saved?.secretsSet ?? []}
            onChange={(field, value) => change({ [field]: value })}
          />
          <div className="flex flex-wrap items-center gap-2">
            <Button
              pending={testing.pending}
              onClick={() => {
                saving.clear();
                if (complete("withoutName")) testing.run({ storeId: saved?.storeId, kind, config: values });
              }}
            >
              {testing.pending ? t("testing") : t("test")}
            </Button>
            <span className="text-xs text-muted">{t("testHint")}</span>
          </div>
          {test && <TestResult test={test} />}
        </FormSection>
        <FormSection title={t("steps.name")}>
          <Field label={t("columns.name")} hint={t("nameHint")} error={errors.name} required>
            <Input
              value={nameShown}
              autoComplete="off"
              onChange={(event) => {
                setName(event.target.value);
                setEmpty(({ name: _, ...rest }) => rest);
              }}
            />
          </Field>
        </FormSection>
      </Form>
    </Panel>
  );
}

function FailedWords({ error }: { error: ShownError }) {
  const t = useTranslations("common");
  return (
    <>
      {error.message} {error.ref && <span className="font-mono">{t("reference", { ref: error.ref })}</span>}
    </>
  );
}
