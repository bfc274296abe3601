import { useTranslations } from "next-intl";
import { Panel } from "@/components/ui/panel";
import { ShareBar } from "@/components/ui/progress";
import type { StoreFiguresDto } from "@/lib/schemas/store";
import { FigureValue } from "./figure-value";

/** A figure split up by what it belongs to, largest first: memory by prefix, shards by node, lag by replica. */
export function BreakdownPanel({ breakdown }: { breakdown: StoreFiguresDto["breakdowns"][number] }) {
  const t = useTranslations("stores");
  const title = t(`figures.${breakdown.key}`);
  const largest = Math.max(Number.MIN_VALUE, ...breakdown.rows.map((row) => row.value));
  return (
    <Panel title={title}>
      {breakdown.rows.length === 0 && <p className="text-sm text-muted">{t("nothingThere")}</p>}
      <ul className="divide-y divide-line text-sm">
        {breakdown.rows.map((row) => (
          <li
            key={row.label}
            className="grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-3 gap-y-1 py-1.5"
          >
            <span className="min-w-0 truncate" title={row.label}>
              <code>{row.label}</code>
              {row.note && <span className="ml-2 text-xs text-muted">{row.note}</span>}
            </span>
            <FigureValue value={row.value} unit={breakdown.unit} />
            <div className="col-span-2">
              <ShareBar ratio={row.value / largest} label={row.label} tone="accent" />
            </div>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
