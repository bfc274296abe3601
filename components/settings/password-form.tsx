"use client";
import { useTranslations } from "next-intl";
import { type FormEvent, useState } from "react";
import { useAction } from "@/components/live/use-action";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Form } from "@/components/ui/form";
import { Input } from "@/components/ui/input";
import { Panel } from "@/components/ui/panel";
import { changePassword } from "@/lib/actions/users";
import { LEAST_PASSWORD } from "./password-length";

/** Changes my password. All my sessions end with it, so the sign-in comes next. */
export function PasswordForm() {
  const t = useTranslations("settings");
  const [current, setCurrent] = useState("");
  const [password, setPassword] = useState("");
  const [again, setAgain] = useState("");
  const [tried, setTried] = useState(false);
  const { run, pending, error } = useAction(changePassword, () => window.location.assign("/sign-in"));
  const short = password.length < LEAST_PASSWORD;
  const differs = password !== again;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (!short && !differs && current) run({ currentPassword: current, password });
  };
  const atField = error && (error.fields.currentPassword || error.fields.password);
  return (
    <Panel title={t("password")}>
      <Form
        onSubmit={submit}
        error={error && !atField ? error.message : undefined}
        actions={
          <Button type="submit" tone="primary" pending={pending}>
            {t("changePassword")}
          </Button>
        }
      >
        <Secret
          label={t("currentPassword")}
          value={current}
          onChange={setCurrent}
          autoComplete="current-password"
          error={tried && !current ? t("enterCurrent") : error?.fields.currentPassword && error.message}
        />
        <Secret
          label={t("newPassword")}
          value={password}
          onChange={setPassword}
          autoComplete="new-password"
          hint={t("leastLength", { count: LEAST_PASSWORD })}
          error={tried && short ? t("tooShort", { count: LEAST_PASSWORD }) : error?.fields.password}
        />
        <Secret
          label={t("again")}
          value={again}
          onChange={setAgain}
          autoComplete="new-password"
          error={tried && !short && differs ? t("differs") : undefined}
        />
        <p className="text-xs text-muted">{t("endsSessions")}</p>
      </Form>
    </Panel>
  );
}

function Secret({
  label,
  value,
  onChange,
  autoComplete,
  hint,
  error,
}: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  autoComplete: "current-password" | "new-password";
  hint?: string;
  error?: string;
}) {
  return (
    <Field label={label} hint={hint} error={error}>
      <Input
        type="password"
        value={value}
        maxLength={200}
        autoComplete={autoComplete}
        onChange={(event) => onChange(event.target.value)}
      />
    </Field>
  );
}
