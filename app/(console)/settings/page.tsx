import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { AccountForm } from "@/components/settings/account-form";
import { PasswordForm } from "@/components/settings/password-form";
import { SettingsTabs } from "@/components/settings/settings-tabs";
import { PageFrame } from "@/components/shell/page-frame";
import { requireUser } from "@/lib/auth/page";
import { getMe } from "@/lib/services/users/me";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("settings"))("title") };
}

export default async function AccountPage() {
  const [user, t] = await Promise.all([requireUser(), getTranslations("settings")]);
  const me = await getMe(user);
  return (
    <PageFrame breadcrumbs={[{ label: t("title") }]}>
      <SettingsTabs current="account" role={user.role} />
      <div className="grid items-start gap-4 lg:grid-cols-2">
        <AccountForm me={me} />
        <PasswordForm />
      </div>
    </PageFrame>
  );
}
