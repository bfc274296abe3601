import { useTranslations } from "next-intl";
import { useAttentionWords } from "@/components/overview/use-attention-words";
import { ButtonLink } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import type { AttentionItem } from "@/lib/schemas/attention";

/** What needs a person here, each with the button that mends it. */
export function AttentionNotices({ items }: { items: readonly AttentionItem[] }) {
  const t = useTranslations("datasets");
  if (items.length === 0) return null;
  return (
    <section className="flex flex-col gap-2" aria-label={t("attention")}>
      {items.map((item) => (
        <AttentionNotice key={item.attentionId} item={item} />
      ))}
    </section>
  );
}

function AttentionNotice({ item }: { item: AttentionItem }) {
  const t = useTranslations("datasets");
  const words = useAttentionWords(item);
  const act = item.severity === "act";
  return (
    <Notice
      tone={act ? "bad" : "warn"}
      title={t("sentence", { text: words.title })}
      actions={
        item.action && (
          <ButtonLink size="sm" tone={act ? "primary" : "secondary"} href={item.action}>
            {words.action}
          </ButtonLink>
        )
      }
    >
      {words.why}
    </Notice>
  );
}
