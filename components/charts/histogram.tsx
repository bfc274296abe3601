import { useLocale } from "next-intl";
import { formatExact } from "@/lib/format/numeric";
import { type ChartTone, TONE_COLOR } from "./chart-types";

export interface HistogramBar {
  /** The bucket in words: `10–20 ms`. */
  label: string;
  count: number;
  tone?: ChartTone;
}

/** How often each bucket occurred: bars with their figures, by themselves a table. */
export function Histogram({ bars, label }: { bars: readonly HistogramBar[]; label: string }) {
  const locale = useLocale();
  const largest = Math.max(1, ...bars.map((bar) => bar.count));
  return (
    <dl aria-label={label} className="grid grid-cols-[auto_1fr_auto] items-center gap-x-3 gap-y-1 text-xs">
      {bars.map((bar) => (
        <div key={bar.label} className="contents">
          <dt className="text-muted">{bar.label}</dt>
          <dd className="contents">
            <span className="h-2 rounded-full bg-track">
              <span
                className="block h-full rounded-full"
                style={{ width: `${(bar.count / largest) * 100}%`, background: TONE_COLOR[bar.tone ?? "1"] }}
              />
            </span>
            <span className="text-right">{formatExact(bar.count, locale)}</span>
          </dd>
        </div>
      ))}
    </dl>
  );
}
