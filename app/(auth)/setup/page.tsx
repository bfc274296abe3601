import { notFound } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { SetupForm } from "@/components/auth/setup-form";
import { setupOpen } from "@/lib/auth/setup";

/** Makes the first administrator, with the token that the terminal printed. Afterwards there is no such page. */
export default async function SetupPage({ searchParams }: { searchParams: Promise<{ token?: string }> }) {
  const [open, { token }, t] = await Promise.all([setupOpen(), searchParams, getTranslations("setup")]);
  if (!open) notFound();
  return (
    <>
      <div>
        <h1 className="text-xl font-semibold">{t("title")}</h1>
        <p className="mt-1 text-sm text-muted">{t("hint")}</p>
      </div>
      <SetupForm token={token ?? ""} />
    </>
  );
}
