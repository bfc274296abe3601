"use client";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { type FormEvent, useState } from "react";
import { toast } from "sonner";
import { useAction } from "@/components/live/use-action";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Form } from "@/components/ui/form";
import { Input } from "@/components/ui/input";
import { Fact, Facts, Panel } from "@/components/ui/panel";
import { DateTime } from "@/components/ui/time-ago";
import { updateMe } from "@/lib/actions/users";
import type { MeDto } from "@/lib/schemas/user";

/** Who I am here, and what my role lets me do. */
export function AccountForm({ me }: { me: MeDto }) {
  const t = useTranslations("settings");
  const router = useRouter();
  const [name, setName] = useState(me.name);
  const { run, pending, error } = useAction(updateMe, () => {
    toast.success(t("nameSaved"));
    router.refresh();
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    run({ name });
  };
  return (
    <Panel title={t("tabs.account")}>
      <Facts className="mb-4">
        <Fact label={t("email")}>{me.email}</Fact>
        <Fact label={t("role")}>
          {t(`roles.${me.role}`)}
          <span className="block text-xs text-muted">{t(`roleHints.${me.role}`)}</span>
        </Fact>
        <Fact label={t("since")}>
          <DateTime value={me.createdAt} />
        </Fact>
      </Facts>
      <Form
        onSubmit={submit}
        error={error && !error.fields.name ? error.message : undefined}
        actions={
          <Button
            type="submit"
            tone="primary"
            pending={pending}
            disabled={name.trim() === "" || name === me.name}
          >
            {t("saveName")}
          </Button>
        }
      >
        <Field label={t("name")} error={error?.fields.name}>
          <Input
            value={name}
            maxLength={100}
            autoComplete="name"
            onChange={(event) => setName(event.target.value)}
          />
        </Field>
      </Form>
    </Panel>
  );
}
