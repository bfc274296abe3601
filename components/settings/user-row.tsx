"use client";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { toast } from "sonner";
import { useAction } from "@/components/live/use-action";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { Input, Select } from "@/components/ui/input";
import { Notice } from "@/components/ui/notice";
import { Td } from "@/components/ui/table";
import { TimeAgo } from "@/components/ui/time-ago";
import { ToneIcon } from "@/components/ui/tone";
import { disableUser, resetPassword, setRole } from "@/lib/actions/users";
import { ROLES, type UserDto } from "@/lib/schemas/user";
import { LEAST_PASSWORD } from "./password-length";

/** An account: its role at once, closing it and a new password after a question. */
export function UserRow({ user, isMe }: { user: UserDto; isMe: boolean }) {
  const t = useTranslations("settings");
  const disabled = user.disabledAt !== null;
  return (
    <tr>
      <Td>
        <span className="font-medium">{user.name}</span>
        {isMe && <span className="ml-1.5 text-xs text-muted">{t("you")}</span>}
      </Td>
      <Td label={t("email")}>{user.email}</Td>
      <Td label={t("role")}>
        <RoleChoice user={user} />
      </Td>
      <Td label={t("lastSeen")}>
        <TimeAgo value={user.lastSeenAt} reason={t("neverSeen")} />
      </Td>
      <Td label={t("state")}>
        <span
          className={`inline-flex items-center gap-1.5 align-middle ${disabled ? "text-muted" : "text-ok"}`}
        >
          <ToneIcon tone={disabled ? "stopped" : "ok"} />
          {t(disabled ? "disabled" : "active")}
        </span>
      </Td>
      <Td align="end">
        <span className="inline-flex flex-wrap justify-end gap-1.5">
          <ResetPassword user={user} />
          <Disable user={user} />
        </span>
      </Td>
    </tr>
  );
}

function RoleChoice({ user }: { user: UserDto }) {
  const t = useTranslations("settings");
  const router = useRouter();
  const { run, pending, error } = useAction(setRole, () => {
    toast.success(t("roleSaved", { name: user.name }));
    router.refresh();
  });
  return (
    <span className="block max-w-72">
      <Select
        className="w-36"
        aria-label={t("roleOf", { name: user.name })}
        aria-invalid={error ? true : undefined}
        disabled={pending}
        value={user.role}
        options={ROLES.map((role) => ({ value: role, label: t(`roles.${role}`) }))}
        onChange={(event) => {
          const role = ROLES.find((one) => one === event.target.value);
          if (role) run({ userId: user.userId, role });
        }}
      />
      {error && (
        <span role="alert" className="mt-1 block text-left text-xs text-bad">
          {error.message}
        </span>
      )}
    </span>
  );
}

function Disable({ user }: { user: UserDto }) {
  const t = useTranslations("settings");
  const router = useRouter();
  const [asking, setAsking] = useState(false);
  const { run, pending, error, clear } = useAction(disableUser, () => {
    setAsking(false);
    router.refresh();
  });
  const disable = user.disabledAt === null;
  return (
    <ConfirmDialog
      trigger={
        <Button size="sm" tone={disable ? "danger-outline" : "secondary"}>
          {t(disable ? "disable" : "enable")}
        </Button>
      }
      open={asking}
      onOpenChange={(open) => {
        clear();
        setAsking(open);
      }}
      title={t(disable ? "disableTitle" : "enableTitle", { name: user.name })}
      description={t(disable ? "disableHint" : "enableHint")}
      confirmLabel={t(disable ? "disableConfirm" : "enableConfirm", { name: user.name })}
      tone={disable ? "danger" : "primary"}
      pending={pending}
      onConfirm={() => run({ userId: user.userId, disabled: disable })}
    >
      {error && <Notice tone="bad">{error.message}</Notice>}
    </ConfirmDialog>
  );
}

function ResetPassword({ user }: { user: UserDto }) {
  const t = useTranslations("settings");
  const [asking, setAsking] = useState(false);
  const [password, setPassword] = useState("");
  const { run, pending, error, clear } = useAction(resetPassword, () => {
    setAsking(false);
    setPassword("");
    toast.success(t("passwordReset", { name: user.name }));
  });
  return (
    <ConfirmDialog
      trigger={<Button size="sm">{t("reset")}</Button>}
      open={asking}
      onOpenChange={(open) => {
        clear();
        setAsking(open);
      }}
      title={t("resetTitle", { name: user.name })}
      description={t("resetHint")}
      confirmLabel={t("resetConfirm")}
      pending={pending}
      disabled={password.length < LEAST_PASSWORD}
      onConfirm={() => run({ userId: user.userId, password })}
    >
      <Field
        label={t("newPassword")}
        hint={t("leastLength", { count: LEAST_PASSWORD })}
        error={error?.message}
      >
        <Input
          mono
          value={password}
          maxLength={200}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => setPassword(event.target.value)}
        />
      </Field>
    </ConfirmDialog>
  );
}
