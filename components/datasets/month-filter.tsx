"use client";
import { useRouter, useSearchParams } from "next/navigation";
import { useLocale, useTranslations } from "next-intl";
import { Select } from "@/components/ui/input";
import { formatMonth } from "@/lib/format/time";

/** Segments of one month, or of all; kept in the address. */
export function MonthFilter({ months, path }: { months: readonly string[]; path: string }) {
  const t = useTranslations("datasets");
  const locale = useLocale();
  const router = useRouter();
  const params = useSearchParams();
  const choose = (month: string) => {
    const next = new URLSearchParams(params);
    next.delete("cursor");
    if (month) next.set("month", month);
    else next.delete("month");
    router.replace(`${path}?${next}`, { scroll: false });
  };
  return (
    <Select
      className="w-44"
      aria-label={t("month")}
      placeholder={t("anyMonth")}
      value={params.get("month") ?? ""}
      onChange={(event) => choose(event.target.value)}
      options={months.toReversed().map((month) => ({ value: month, label: formatMonth(month, locale) }))}
    />
  );
}
