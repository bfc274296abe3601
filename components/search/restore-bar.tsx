"use client";
import { useTranslations } from "next-intl";
import { restoreHref } from "@/components/records/record-address";
import { TierMark } from "@/components/ui/badge";
import { Button, ButtonLink } from "@/components/ui/button";
import type { SearchRow } from "@/lib/schemas/search";

/** Selected rows, by what can be restored at once: one dataset, one tier. */
function groupsOf(rows: readonly SearchRow[]): SearchRow[][] {
  const groups = new Map<string, SearchRow[]>();
  for (const row of rows) {
    const name = `${row.datasetId} ${row.tier}`;
    groups.set(name, [...(groups.get(name) ?? []), row]);
  }
  return [...groups.values()];
}

export function RestoreBar({ rows, onClear }: { rows: readonly SearchRow[]; onClear: () => void }) {
  const t = useTranslations("search");
  return (
    <div className="sticky bottom-3 z-30 flex flex-wrap items-center gap-2 rounded-md border border-line bg-surface px-3 py-2 shadow-popup max-sm:bottom-16">
      <span className="mr-auto text-sm">{t("selected", { count: rows.length })}</span>
      {groupsOf(rows).map((group) => {
        const first = group[0];
        if (!first || first.tier === "hot") return null;
        const keys = group.map((row) => row.key);
        return (
          <ButtonLink
            key={`${first.datasetId} ${first.tier}`}
            tone="primary"
            href={restoreHref(first.datasetId, first.tier, keys)}
            prefetch={false}
            icon={<TierMark tier={first.tier} />}
          >
            {t("restore", { count: group.length, dataset: first.dataset })}
          </ButtonLink>
        );
      })}
      <Button onClick={onClear}>{t("clearSelection")}</Button>
    </div>
  );
}
