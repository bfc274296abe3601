import { useLocale, useTimeZone, useTranslations } from "next-intl";
import { Percent } from "@/components/ui/figures";
import { formatDuration } from "@/lib/format/duration";
import { formatDateTime } from "@/lib/format/time";
import type { HealthHistoryDto, HealthSpan } from "@/lib/schemas/store";

const FILL: Record<HealthSpan["state"], string> = { up: "bg-ok", down: "bg-bad", gap: "bg-track" };
/** Heights differ too: nobody has to tell colours apart. */
const HEIGHT: Record<HealthSpan["state"], string> = { up: "h-4", down: "h-7", gap: "h-1.5" };
const LISTED = 5;

/** When the store answered, when it did not, when nobody asked. */
export function HealthBar({ history }: { history: HealthHistoryDto }) {
  const t = useTranslations("stores");
  const locale = useLocale();
  const timeZone = useTimeZone();
  const fromMs = Date.parse(history.from);
  const lengthMs = Date.parse(history.until) - fromMs;
  const words = (span: HealthSpan) =>
    t(`spans.${span.state}`, {
      from: formatDateTime(span.from, { locale, timeZone }),
      duration: formatDuration(Date.parse(span.until) - Date.parse(span.from), locale),
    });
  const downs = history.spans.filter((span) => span.state === "down").toReversed();
  return (
    <div className="flex flex-col gap-2">
      <div role="img" aria-label={t("historyLabel")} className="flex h-7 w-full items-end overflow-hidden">
        {history.spans.map((span) => (
          <div
            key={span.from}
            title={words(span)}
            className={`${FILL[span.state]} ${HEIGHT[span.state]} min-w-px`}
            style={{ width: `${((Date.parse(span.until) - Date.parse(span.from)) / lengthMs) * 100}%` }}
          />
        ))}
      </div>
      <p className="flex flex-wrap gap-x-4 gap-y-1 text-xs text-muted">
        {(["up", "down", "gap"] as const).map((state) => (
          <span key={state} className="inline-flex items-center gap-1.5">
            <span aria-hidden className={`size-2 rounded-[2px] ${FILL[state]}`} />
            {t(`spanNames.${state}`)}
          </span>
        ))}
        <span className="ml-auto text-ink">
          {t.rich("upRatio", { ratio: () => <Percent value={history.upRatio} reason={t("neverChecked")} /> })}
        </span>
      </p>
      {downs.length > 0 && (
        <ul className="text-xs text-muted">
          {downs.slice(0, LISTED).map((span) => (
            <li key={span.from}>{words(span)}</li>
          ))}
          {downs.length > LISTED && <li>{t("moreOutages", { count: downs.length - LISTED })}</li>}
        </ul>
      )}
    </div>
  );
}
