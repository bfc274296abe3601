import { useTranslations } from "next-intl";
import { ButtonLink } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { Panel } from "@/components/ui/panel";
import { ToneIcon } from "@/components/ui/tone";
import type { AttentionItem } from "@/lib/schemas/attention";
import { useAttentionWords } from "./use-attention-words";

/** What needs a person: a sentence, why it matters, one button. */
export function AttentionList({ items }: { items: readonly AttentionItem[] }) {
  const t = useTranslations("overview");
  return (
    <Panel title={t("attention")} unit={items.length || undefined}>
      {items.length === 0 ? (
        <EmptyState icon={<ToneIcon tone="ok" size={18} />} title={t("allFine")}>
          {t("allFineHint")}
        </EmptyState>
      ) : (
        <ul className="divide-y divide-line">
          {items.map((item) => (
            <AttentionRow key={item.attentionId} item={item} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function AttentionRow({ item }: { item: AttentionItem }) {
  const t = useTranslations("overview");
  const words = useAttentionWords(item);
  return (
    <li className="flex items-start gap-4 py-2.5 first:pt-0 last:pb-0 max-sm:flex-wrap max-sm:gap-x-3">
      <span
        className={`w-9 shrink-0 pt-px text-xs leading-5 font-semibold ${item.severity === "act" ? "text-bad" : "text-warn"}`}
      >
        {t(item.severity)}
      </span>
      <div className="min-w-0 flex-1 max-sm:basis-4/5">
        <p className="text-sm font-semibold [overflow-wrap:anywhere]">{words.title}</p>
        <p className="line-clamp-3 text-sm text-muted [overflow-wrap:anywhere]">{words.why}</p>
      </div>
      {item.action && (
        <ButtonLink
          href={item.action}
          tone={item.severity === "act" ? "primary" : "secondary"}
          className="max-sm:ml-12"
        >
          {words.action}
        </ButtonLink>
      )}
    </li>
  );
}
