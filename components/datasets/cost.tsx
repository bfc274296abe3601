import { useLocale, useTranslations } from "next-intl";
import { Dash } from "@/components/ui/figures";
import { formatMoney } from "@/lib/format/money";
import type { CostDto } from "@/lib/schemas/price";

/** What something costs a month; `assumed` marks a price that nobody set. */
export function Cost({
  costs,
  assumed,
  reason,
}: {
  costs: readonly CostDto[];
  assumed: boolean;
  reason: string;
}) {
  const locale = useLocale();
  const t = useTranslations("compare");
  if (costs.length === 0) return <Dash reason={reason} />;
  const text = costs.map(({ amount, currency }) => formatMoney(amount, currency, locale)).join(" + ");
  return (
    <span className="whitespace-nowrap" title={assumed ? t("assumedHint") : undefined}>
      {assumed && !text.startsWith("<") && "~"}
      {text}
    </span>
  );
}
