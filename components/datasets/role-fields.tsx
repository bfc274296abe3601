"use client";
import { useTranslations } from "next-intl";
import { Field } from "@/components/ui/field";
import { FormRow, FormSection } from "@/components/ui/form";
import { Select } from "@/components/ui/input";
import type { Roles } from "@/lib/schemas/dataset";
import type { RoleGuess } from "@/lib/schemas/store";
import { ColumnsField } from "./columns-field";

type Column = { name: string; type: string };
const SINGLE = ["tenant", "user", "status", "model", "tokens", "prompt", "answer"] as const;
const COUNTED = ["s", "ms", "us"] as const;

type Time = NonNullable<Roles["time"]>;

/** Types that carry their unit; for numbers a person says what they count. */
function unitOf(type: string): Time["unit"] | null {
  if (/^timestamptz|with time zone/.test(type)) return "timestamptz";
  if (/^timestamp|^datetime/.test(type)) return "timestamp";
  return type === "date" ? "date" : null;
}

/** Which column plays which part: guessed, with the reason, and to be corrected. */
export function RoleFields({
  roles,
  columns,
  guesses,
  errors,
  onChange,
}: {
  roles: Roles;
  columns: readonly Column[];
  guesses: readonly RoleGuess[];
  errors: Readonly<Record<string, string>>;
  onChange: (roles: Roles) => void;
}) {
  const t = useTranslations("datasets");
  const presets = useTranslations("stores.presets");
  const detailsOf = ({ details }: RoleGuess) => {
    const preset = String(details.preset ?? "");
    return presets.has(preset) ? { ...details, preset: presets(preset) } : details;
  };
  const why = (role: keyof Roles) => {
    const guess = guesses.find((candidate) => candidate.role === role);
    if (!guess || !t.has(`reasons.${guess.reasonKey}`)) return undefined;
    return `${t(`confidence.${guess.confidence}`)} ${t(`reasons.${guess.reasonKey}`, detailsOf(guess))}`;
  };
  const options = columns.map((column) => ({
    value: column.name,
    label: `${column.name} · ${column.type}`,
  }));
  return (
    <>
      <FormSection title={t("rolesMain")} hint={t("rolesMainHint")}>
        <ColumnsField
          label={t("roles.key")}
          hint={why("key") ?? t("roleHints.key")}
          error={errors["roles.key"]}
          columns={columns}
          value={roles.key}
          onChange={(key) => onChange({ ...roles, key })}
        />
        <TimeFields
          roles={roles}
          columns={columns}
          hint={why("time") ?? t("roleHints.time")}
          error={errors["roles.time"]}
          onChange={onChange}
        />
      </FormSection>
      <FormSection title={t("rolesText")} hint={t("rolesTextHint")}>
        <ColumnsField
          label={t("roles.text")}
          hint={why("text") ?? t("roleHints.text")}
          error={errors["roles.text"]}
          columns={columns}
          value={roles.text}
          onChange={(text) => onChange({ ...roles, text })}
        />
      </FormSection>
      <FormSection title={t("rolesMore")} hint={t("rolesMoreHint")}>
        <div className="grid gap-4 sm:grid-cols-2">
          {SINGLE.map((role) => (
            <Field key={role} label={t(`roles.${role}`)} hint={why(role)} error={errors[`roles.${role}`]}>
              <Select
                value={roles[role] ?? ""}
                placeholder={t("noColumn")}
                onChange={(event) => onChange({ ...roles, [role]: event.target.value || null })}
                options={options}
              />
            </Field>
          ))}
        </div>
      </FormSection>
    </>
  );
}

function TimeFields({
  roles,
  columns,
  hint,
  error,
  onChange,
}: {
  roles: Roles;
  columns: readonly Column[];
  hint: string;
  error?: string;
  onChange: (roles: Roles) => void;
}) {
  const t = useTranslations("datasets");
  const type = columns.find((column) => column.name === roles.time?.column)?.type;
  const fixed = type ? unitOf(type) : null;
  const choose = (name: string) => {
    const found = columns.find((column) => column.name === name);
    onChange({ ...roles, time: found ? { column: name, unit: unitOf(found.type) ?? "s" } : null });
  };
  return (
    <FormRow>
      <Field label={t("roles.time")} hint={hint} error={error}>
        <Select
          value={roles.time?.column ?? ""}
          placeholder={t("noColumn")}
          onChange={(event) => choose(event.target.value)}
          options={columns
            .filter((column) => unitOf(column.type) !== null || /int|numeric|serial/.test(column.type))
            .map((column) => ({ value: column.name, label: `${column.name} · ${column.type}` }))}
        />
      </Field>
      {roles.time && !fixed && (
        <Field label={t("timeUnit")} hint={t("timeUnitHint")}>
          <Select
            value={roles.time.unit}
            onChange={(event) => {
              const unit = COUNTED.find((candidate) => candidate === event.target.value);
              if (unit && roles.time) onChange({ ...roles, time: { ...roles.time, unit } });
            }}
            options={COUNTED.map((unit) => ({ value: unit, label: t(`timeUnits.${unit}`) }))}
          />
        </Field>
      )}
    </FormRow>
  );
}
