"use client";
import { X } from "lucide-react";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { Field } from "@/components/ui/field";
import { Select } from "@/components/ui/input";

/** Several columns in an order that matters: added from a list, taken away one by one. */
export function ColumnsField({
  label,
  hint,
  error,
  columns,
  value,
  onChange,
}: {
  label: ReactNode;
  hint?: ReactNode;
  error?: ReactNode;
  columns: readonly { name: string; type: string }[];
  value: readonly string[];
  onChange: (value: string[]) => void;
}) {
  const t = useTranslations("datasets");
  return (
    <Field label={label} hint={hint} error={error}>
      <Select
        value=""
        placeholder={t("addColumn")}
        onChange={(event) => event.target.value && onChange([...value, event.target.value])}
        options={columns
          .filter((column) => !value.includes(column.name))
          .map((column) => ({ value: column.name, label: `${column.name} · ${column.type}` }))}
      />
      {value.length > 0 && (
        <ul className="flex flex-wrap gap-1.5">
          {value.map((name) => (
            <li key={name}>
              <button
                type="button"
                aria-label={t("removeColumn", { name })}
                title={t("removeColumn", { name })}
                onClick={() => onChange(value.filter((other) => other !== name))}
                className="inline-flex h-6 items-center gap-1 rounded-[4px] border border-line px-1.5 text-xs hover:border-line-strong max-sm:h-9"
              >
                <code>{name}</code>
                <X aria-hidden size={12} className="text-muted" />
              </button>
            </li>
          ))}
        </ul>
      )}
    </Field>
  );
}
