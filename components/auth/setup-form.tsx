"use client";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { type FormEvent, useRef } from "react";
import { useAction } from "@/components/live/use-action";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Form } from "@/components/ui/form";
import { Input } from "@/components/ui/input";
import { setUp } from "@/lib/actions/setup";
import { authClient } from "@/lib/auth/client";

/** The first administrator; signed in at once. */
export function SetupForm({ token }: { token: string }) {
  const t = useTranslations("setup");
  const router = useRouter();
  const credentials = useRef({ email: "", password: "" });
  const { run, pending, error } = useAction(setUp, async () => {
    const answer = await authClient.signIn.email(credentials.current).catch(() => null);
    router.replace(answer && !answer.error ? "/stores/new" : "/sign-in");
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    const value = (name: string): string => String(data.get(name) ?? "");
    credentials.current = { email: value("email"), password: value("password") };
    run({ token: value("token"), name: value("name"), email: value("email"), password: value("password") });
  };
  return (
    <Form
      onSubmit={submit}
      error={error && Object.keys(error.fields).length === 0 ? error.message : undefined}
      actions={
        <Button type="submit" tone="primary" pending={pending} className="w-full">
          {t("submit")}
        </Button>
      }
    >
      {token === "" ? (
        <Field label={t("token")} hint={t("tokenHint")} error={error?.fields.token}>
          <Input name="token" autoComplete="off" mono required />
        </Field>
      ) : (
        <input type="hidden" name="token" value={token} />
      )}
      <Field label={t("name")} error={error?.fields.name}>
        <Input name="name" autoComplete="name" required />
      </Field>
      <Field label={t("email")} error={error?.fields.email}>
        <Input name="email" type="email" autoComplete="username" required />
      </Field>
      <Field label={t("password")} hint={t("passwordHint")} error={error?.fields.password}>
        <Input name="password" type="password" autoComplete="new-password" minLength={10} required />
      </Field>
    </Form>
  );
}
