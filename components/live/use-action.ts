"use client";
import { useTranslations } from "next-intl";
import { useCallback, useState, useTransition } from "react";
import type { ErrorDto } from "@/lib/errors";
import type { ActionResult } from "@/lib/schemas/action";

/** An error as a person reads it: translated where it has a key, its fields beside it. */
export interface ShownError {
  message: string;
  fields: Record<string, string>;
  ref?: string;
  details?: Record<string, unknown>;
  code: ErrorDto["code"];
}

const plain = (details: Record<string, unknown> | undefined): Record<string, string | number> =>
  Object.fromEntries(
    Object.entries(details ?? {}).filter(
      (entry): entry is [string, string | number] =>
        typeof entry[1] === "string" || typeof entry[1] === "number",
    ),
  );

/** Turns an error into the reader's language; the English sentence stays where no translation has its figures. */
export function useShownError() {
  const t = useTranslations("errors");
  return useCallback(
    (error: ErrorDto): ShownError => ({
      message: error.key && t.has(error.key) ? t(error.key, plain(error.details)) : error.message,
      fields: error.fields ?? {},
      ref: error.ref,
      details: error.details,
      code: error.code,
    }),
    [t],
  );
}

/** Runs a server action: pending while it runs, its error afterwards. A network failure is an error too. */
export function useAction<Input, Output>(
  action: (input: Input) => Promise<ActionResult<Output>>,
  onDone?: (data: Output) => void,
) {
  const shown = useShownError();
  const t = useTranslations("errors");
  const [pending, start] = useTransition();
  const [error, setError] = useState<ShownError | null>(null);
  const run = useCallback(
    (input: Input) =>
      start(async () => {
        setError(null);
        try {
          const result = await action(input);
          if (result.ok) onDone?.(result.data);
          else setError(shown(result.error));
        } catch {
          setError({ message: t("notSent"), fields: {}, code: "unreachable" });
        }
      }),
    [action, onDone, shown, t],
  );
  return { run, pending, error, clear: useCallback(() => setError(null), []) };
}
