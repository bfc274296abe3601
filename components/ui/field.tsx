"use client";
import { CircleAlert } from "lucide-react";
import { createContext, type ReactNode, use, useId, useMemo } from "react";
import { classNames } from "./class-names";

interface FieldWiring {
  id: string;
  "aria-describedby": string | undefined;
  "aria-invalid": true | undefined;
  required: boolean | undefined;
}

const FieldContext = createContext<FieldWiring | null>(null);

/** What a control inside a Field takes over: its id, and the ids of hint and error. Empty outside a Field. */
export const useFieldWiring = (): Partial<FieldWiring> => use(FieldContext) ?? {};

export interface FieldProps {
  label: ReactNode;
  hint?: ReactNode;
  /** A sentence: what is wrong and what would be right. */
  error?: ReactNode;
  required?: boolean;
  /** `row` puts the label to the left of the control from 640 px on. */
  layout?: "stack" | "row";
  className?: string;
  children: ReactNode;
}

/** Label, one control, hint and error, wired for screen readers. */
export function Field({ label, hint, error, required, layout = "stack", className, children }: FieldProps) {
  const id = useId();
  const hasHint = Boolean(hint);
  const hasError = Boolean(error);
  const wiring = useMemo<FieldWiring>(() => {
    const described = [hasError && `${id}-error`, hasHint && `${id}-hint`].filter(Boolean).join(" ");
    return {
      id,
      "aria-describedby": described || undefined,
      "aria-invalid": hasError || undefined,
      required: required || undefined,
    };
  }, [id, hasHint, hasError, required]);
  return (
    <FieldContext value={wiring}>
      <div
        className={classNames(
          "flex min-w-0 flex-col gap-1",
          layout === "row" && "sm:grid sm:grid-cols-[minmax(8rem,2fr)_3fr] sm:items-center sm:gap-x-3",
          className,
        )}
      >
        <label
          htmlFor={id}
          className={classNames("text-sm", layout === "row" ? "text-muted" : "font-medium")}
        >
          {label}
        </label>
        <div className="flex min-w-0 flex-col gap-1">
          {children}
          {hasError && (
            <p id={`${id}-error`} role="alert" className="flex items-start gap-1.5 text-xs text-bad">
              <CircleAlert aria-hidden size={13} className="mt-[3px] shrink-0" />
              <span className="min-w-0 [overflow-wrap:anywhere]">{error}</span>
            </p>
          )}
          {hasHint && (
            <p id={`${id}-hint`} className="text-xs text-muted">
              {hint}
            </p>
          )}
        </div>
      </div>
    </FieldContext>
  );
}
