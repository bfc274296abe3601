import { useTranslations } from "next-intl";
import { ButtonLink } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";

export default function NotFound() {
  const t = useTranslations("errorPage");
  return (
    <main className="grid min-h-[60dvh] place-items-center">
      <EmptyState
        title={t("notFoundTitle")}
        action={
          <ButtonLink href="/" tone="primary">
            {t("toOverview")}
          </ButtonLink>
        }
      >
        {t("notFoundBody")}
      </EmptyState>
    </main>
  );
}
