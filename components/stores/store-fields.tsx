"use client";
import { useTranslations } from "next-intl";
import { Field } from "@/components/ui/field";
import { Input, Select, Textarea } from "@/components/ui/input";
import type { StoreDriverDto } from "@/lib/schemas/store";

type DriverField = StoreDriverDto["fields"][number];

/** PEM text and the like: more than a line. */
const LONG = new Set(["ca"]);
const isLong = (field: DriverField): boolean => field.type === "lines" || LONG.has(field.name);

/** The fields a driver asks for, each with its error. */
export function StoreFields({
  driver,
  values,
  errors,
  secretsSet,
  onChange,
}: {
  driver: StoreDriverDto;
  values: Readonly<Record<string, string>>;
  errors: Readonly<Record<string, string>>;
  /** Secrets that hold a value already: an empty field keeps it. */
  secretsSet: readonly string[];
  onChange: (name: string, value: string) => void;
}) {
  const t = useTranslations("stores");
  const hint = (field: DriverField) => {
    if (secretsSet.includes(field.name)) return t("secretKept");
    return t.has(`fields.${field.name}.hint`) ? t(`fields.${field.name}.hint`) : undefined;
  };
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      {driver.fields.map((field) => (
        <Field
          key={field.name}
          label={t.has(`fields.${field.name}.label`) ? t(`fields.${field.name}.label`) : field.name}
          hint={hint(field)}
          error={errors[field.name] ?? errors[`config.${field.name}`]}
          required={field.required}
          className={isLong(field) || field.type === "path" ? "sm:col-span-2" : undefined}
        >
          <Control
            field={field}
            value={values[field.name] ?? ""}
            onChange={(value) => onChange(field.name, value)}
          />
        </Field>
      ))}
    </div>
  );
}

function Control({
  field,
  value,
  onChange,
}: {
  field: DriverField;
  value: string;
  onChange: (value: string) => void;
}) {
  const t = useTranslations("stores");
  if (field.type === "select") {
    const label = (option: string) =>
      t.has(`fields.${field.name}.options.${option}`) ? t(`fields.${field.name}.options.${option}`) : option;
    return (
      <Select
        value={value}
        onChange={(event) => onChange(event.target.value)}
        options={field.options.map((option) => ({ value: option, label: label(option) }))}
      />
    );
  }
  if (isLong(field))
    return (
      <Textarea
        mono
        rows={3}
        value={value}
        placeholder={field.placeholder}
        onChange={(event) => onChange(event.target.value)}
      />
    );
  return (
    <Input
      type={field.type === "password" ? "password" : "text"}
      inputMode={field.type === "number" ? "numeric" : undefined}
      autoComplete={field.type === "password" ? "new-password" : "off"}
      spellCheck={false}
      mono={field.type === "path"}
      value={value}
      placeholder={field.placeholder}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}
