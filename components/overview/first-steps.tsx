import { Database } from "lucide-react";
import { useTranslations } from "next-intl";
import { ButtonLink } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { Panel } from "@/components/ui/panel";

const STEPS = ["connect", "choose", "watch", "archive"] as const;

/** What an empty Strata says: four steps, and the first one's button. */
export function FirstSteps({ mayAdminister }: { mayAdminister: boolean }) {
  const t = useTranslations("overview");
  return (
    <Panel>
      <EmptyState
        icon={<Database aria-hidden size={20} />}
        title={t("firstTitle")}
        action={
          mayAdminister ? (
            <ButtonLink href="/stores/new" tone="primary">
              {t("addStore")}
            </ButtonLink>
          ) : (
            <span className="text-sm text-muted">{t("askAdmin")}</span>
          )
        }
      >
        <ol className="mx-auto mt-1 flex max-w-md list-decimal flex-col gap-1 pl-5 text-left">
          {STEPS.map((step) => (
            <li key={step}>{t(`steps.${step}`)}</li>
          ))}
        </ol>
      </EmptyState>
    </Panel>
  );
}
