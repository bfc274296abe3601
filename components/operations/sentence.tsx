import { useFormatter, useLocale, useTranslations } from "next-intl";
import { formatBytes } from "@/lib/format/bytes";
import { formatDuration } from "@/lib/format/duration";
import type { Sentence as SentenceDto } from "@/lib/schemas/plan";

/** Figures get their unit from their name, so that messages need no unit of their own. */
function useDetails() {
  const locale = useLocale();
  const format = useFormatter();
  return (details: SentenceDto["details"]): Record<string, string | number> =>
    Object.fromEntries(
      Object.entries(details).map(([name, value]) => {
        if (typeof value === "number" && name.endsWith("Bytes")) return [name, formatBytes(value, locale)];
        if (typeof value === "number" && name.endsWith("Ms")) return [name, formatDuration(value, locale)];
        if (typeof value === "string" && name.endsWith("At"))
          return [name, format.dateTime(new Date(value), { dateStyle: "medium" })];
        return [name, value];
      }),
    );
}

/** A sentence that a plan carries as key and figures, in the reader's language. */
export function Sentence({ sentence, area = "plan" }: { sentence: SentenceDto; area?: string }) {
  const t = useTranslations(area);
  const details = useDetails();
  return t.has(sentence.key) ? t(sentence.key, details(sentence.details)) : <code>{sentence.key}</code>;
}
