"use client";
import { useTranslations } from "next-intl";
import { useCallback, useState } from "react";
import { useAction } from "@/components/live/use-action";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { parseUrl } from "@/lib/actions/stores";

/** An address from somewhere else, taken apart into the fields; what is not accepted is refused by name. */
export function AddressField({
  kind,
  onFields,
}: {
  kind: string;
  onFields: (values: Record<string, string>) => void;
}) {
  const t = useTranslations("stores");
  const [url, setUrl] = useState("");
  const done = useCallback(
    (values: Record<string, string | number | boolean | null>) => {
      onFields(
        Object.fromEntries(
          Object.entries(values).map(([name, value]) => [name, value === null ? "" : String(value)]),
        ),
      );
      setUrl("");
    },
    [onFields],
  );
  const { run, pending, error } = useAction(parseUrl, done);
  return (
    <Field label={t("paste")} hint={t("pasteHint")} error={error && (error.fields.url ?? error.message)}>
      <div className="flex gap-2">
        <Input
          mono
          autoComplete="off"
          spellCheck={false}
          value={url}
          placeholder={t.has(`addressExamples.${kind}`) ? t(`addressExamples.${kind}`) : undefined}
          onChange={(event) => setUrl(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== "Enter" || !url.trim()) return;
            event.preventDefault();
            run({ kind, url });
          }}
        />
        <Button pending={pending} disabled={!url.trim()} onClick={() => run({ kind, url })}>
          {t("takeApart")}
        </Button>
      </div>
    </Field>
  );
}
