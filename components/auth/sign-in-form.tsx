"use client";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { type FormEvent, useState } from "react";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Form } from "@/components/ui/form";
import { Input } from "@/components/ui/input";
import { authClient } from "@/lib/auth/client";

const TOO_MANY = 429;
const REFUSED = [400, 401, 403];

/** E-mail and password. It never says which of the two was wrong. */
export function SignInForm() {
  const t = useTranslations("signIn");
  const router = useRouter();
  const [pending, setPending] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    setPending(true);
    setError(null);
    const answer = await authClient.signIn
      .email({ email: String(data.get("email")), password: String(data.get("password")) })
      .catch(() => null);
    if (answer && !answer.error) {
      router.replace("/");
      router.refresh();
      return;
    }
    setPending(false);
    const status = answer?.error?.status ?? 0;
    setError(t(status === TOO_MANY ? "tooMany" : REFUSED.includes(status) ? "wrong" : "unreachable"));
  };
  return (
    <Form
      onSubmit={submit}
      error={error}
      actions={
        <Button type="submit" tone="primary" pending={pending} className="w-full">
          {t("submit")}
        </Button>
      }
    >
      <Field label={t("email")}>
        <Input name="email" type="email" autoComplete="username" autoFocus required />
      </Field>
      <Field label={t("password")}>
        <Input name="password" type="password" autoComplete="current-password" required />
      </Field>
    </Form>
  );
}
