import { headers } from "next/headers";
import { redirect } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { SignInForm } from "@/components/auth/sign-in-form";
import { currentUser } from "@/lib/auth/session";

export default async function SignInPage() {
  const [user, t] = await Promise.all([headers().then(currentUser), getTranslations("signIn")]);
  if (user) redirect("/");
  return (
    <>
      <h1 className="text-xl font-semibold">{t("title")}</h1>
      <SignInForm />
    </>
  );
}
