"use client";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { type FormEvent, useState } from "react";
import { toast } from "sonner";
import { useAction } from "@/components/live/use-action";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Form, FormRow } from "@/components/ui/form";
import { Input, Select } from "@/components/ui/input";
import { Panel } from "@/components/ui/panel";
import { createUser } from "@/lib/actions/users";
import { type CreateUserInput, ROLES } from "@/lib/schemas/user";
import { LEAST_PASSWORD } from "./password-length";

const EMPTY: CreateUserInput = { name: "", email: "", role: "viewer", password: "" };

/** A new account; its owner changes the password after the first sign-in. */
export function UserForm() {
  const t = useTranslations("settings");
  const router = useRouter();
  const [user, setUser] = useState(EMPTY);
  const [tried, setTried] = useState(false);
  const { run, pending, error } = useAction(createUser, (made) => {
    toast.success(t("userAdded", { name: made.name }));
    setUser(EMPTY);
    setTried(false);
    router.refresh();
  });
  const wrong = {
    name: user.name.trim() === "" && t("enterName"),
    email: !/^\S+@\S+\.\S+$/.test(user.email.trim()) && t("enterEmail"),
    password: user.password.length < LEAST_PASSWORD && t("tooShort", { count: LEAST_PASSWORD }),
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (!wrong.name && !wrong.email && !wrong.password) run({ ...user, email: user.email.trim() });
  };
  const atField = (name: "name" | "email" | "password") => {
    if (tried && wrong[name]) return wrong[name];
    // A refusal that names one field is the whole sentence, in the reader's language.
    return (
      error?.fields[name] && (Object.keys(error.fields).length === 1 ? error.message : error.fields[name])
    );
  };
  const set = (change: Partial<CreateUserInput>) => setUser({ ...user, ...change });
  return (
    <Panel title={t("addUser")}>
      <Form
        onSubmit={submit}
        error={error && Object.keys(error.fields).length === 0 ? error.message : undefined}
        actions={
          <Button type="submit" tone="primary" pending={pending}>
            {t("addUser")}
          </Button>
        }
      >
        <FormRow>
          <Field label={t("name")} error={atField("name")}>
            <Input
              value={user.name}
              maxLength={100}
              autoComplete="off"
              onChange={(event) => set({ name: event.target.value })}
            />
          </Field>
          <Field label={t("email")} error={atField("email")}>
            <Input
              type="email"
              value={user.email}
              maxLength={200}
              autoComplete="off"
              onChange={(event) => set({ email: event.target.value })}
            />
          </Field>
        </FormRow>
        <FormRow>
          <Field label={t("role")} hint={t(`roleHints.${user.role}`)}>
            <Select
              value={user.role}
              options={ROLES.map((role) => ({ value: role, label: t(`roles.${role}`) }))}
              onChange={(event) => set({ role: ROLES.find((role) => role === event.target.value) })}
            />
          </Field>
          <Field
            label={t("firstPassword")}
            hint={t("leastLength", { count: LEAST_PASSWORD })}
            error={atField("password")}
          >
            <Input
              mono
              value={user.password}
              maxLength={200}
              autoComplete="off"
              spellCheck={false}
              onChange={(event) => set({ password: event.target.value })}
            />
          </Field>
        </FormRow>
      </Form>
    </Panel>
  );
}
