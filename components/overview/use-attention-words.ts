import { useLocale, useTranslations } from "next-intl";
import { formatBytes } from "@/lib/format/bytes";
import type { AttentionItem } from "@/lib/schemas/attention";

/** Title, reason and button of a matter, in the reader's language. Figures named `…Bytes` get their unit here. */
export function useAttentionWords({ key, details }: AttentionItem): {
  title: string;
  why: string;
  action: string;
} {
  const t = useTranslations("attention");
  const locale = useLocale();
  const values = Object.fromEntries(
    Object.entries(details).map(([name, value]) => [
      name,
      name.endsWith("Bytes") && typeof value === "number" ? formatBytes(value, locale) : value,
    ]),
  );
  return {
    title: t(`${key}.title`, values),
    why: t(`${key}.why`, values),
    action: t(`${key}.action`, values),
  };
}
