import { getTranslations } from "next-intl/server";
import { SettingsTabs } from "@/components/settings/settings-tabs";
import { UserForm } from "@/components/settings/user-form";
import { UserTable } from "@/components/settings/user-table";
import { PageFrame } from "@/components/shell/page-frame";
import { Notice } from "@/components/ui/notice";
import { requireUser } from "@/lib/auth/page";
import { listUsers } from "@/lib/services/users/list";

/** Accounts, for administrators. */
export default async function UsersPage() {
  const [user, t] = await Promise.all([requireUser(), getTranslations("settings")]);
  const mayManage = user.role === "admin";
  return (
    <PageFrame breadcrumbs={[{ label: t("title"), href: "/settings" }, { label: t("tabs.users") }]}>
      <SettingsTabs current="users" role={user.role} />
      {mayManage ? (
        <>
          <UserTable users={await listUsers(user)} myId={user.userId} />
          <UserForm />
        </>
      ) : (
        <Notice tone="warn">{t("adminsOnly")}</Notice>
      )}
    </PageFrame>
  );
}
