import { useTranslations } from "next-intl";
import { type MonthBar, MonthBars } from "@/components/charts/month-bars";
import { type SearchParams, withParams } from "@/components/stores/address";
import { ChoiceLinks } from "@/components/stores/range-links";
import { Panel } from "@/components/ui/panel";
import { TimeAgo } from "@/components/ui/time-ago";
import type { DatasetDto, MonthFigures, MonthsDto } from "@/lib/schemas/dataset";

const DAY_MS = 86_400_000;
const SHOWN = 36;

type LeavesBy = DatasetDto["leavesBy"];

export type MonthUnit = "rows" | "bytes";

const nextMonth = (month: string): string => {
  const date = new Date(`${month}-01T00:00:00Z`);
  date.setUTCMonth(date.getUTCMonth() + 1);
  return date.toISOString().slice(0, 7);
};

/** Rows that are cold and hot at once are drawn as cold: the bar is as high as the month has rows. */
const hotRows = ({ hotRows: hot, coldRows: cold }: MonthFigures, leavesBy: LeavesBy): number =>
  leavesBy === "expiry" ? Math.max(0, hot - cold) : hot;

/** Without holes: a month without rows is drawn as an empty one. */
function bars(months: readonly MonthFigures[], unit: MonthUnit, leavesBy: LeavesBy): MonthBar[] {
  const known = new Map(months.map((figures) => [figures.month, figures]));
  const last = months.at(-1)?.month;
  const all: MonthBar[] = [];
  for (let month = months[0]?.month; month && last && month <= last; month = nextMonth(month)) {
    const figures = known.get(month);
    all.push({
      month,
      hot: (figures && (unit === "rows" ? hotRows(figures, leavesBy) : figures.hotBytes)) ?? 0,
      archive: (unit === "rows" ? figures?.archiveRows : figures?.archiveBytes) ?? 0,
      cold: (unit === "rows" ? figures?.coldRows : figures?.coldBytes) ?? 0,
    });
  }
  return all.slice(-SHOWN);
}

/** Where the rows lie, month by month, and where the policy ends. */
export function MonthsPanel({
  months,
  keepDays,
  leavesBy,
  unit,
  path,
  search,
}: {
  months: MonthsDto;
  leavesBy: LeavesBy;
  keepDays: number | null;
  unit: MonthUnit;
  path: string;
  search: SearchParams;
}) {
  const t = useTranslations("datasets");
  return (
    <Panel
      title={t(unit === "rows" ? "byMonth" : "bytesByMonth")}
      unit={
        <>
          {t(months.exact && unit === "rows" ? "unitCounted" : "unitEstimated")}
          {months.at && (
            <>
              {" "}
              <TimeAgo value={months.at} />
            </>
          )}
          {leavesBy === "expiry" && ` · ${t("tiersOverlap")}`}
        </>
      }
      actions={
        <ChoiceLinks
          label={t("unitLabel")}
          current={unit}
          choices={(["rows", "bytes"] as const).map((key) => ({
            key,
            label: t(`units.${key}`),
            href: withParams(path, search, { unit: key === "rows" ? null : key }),
          }))}
        />
      }
    >
      <MonthBars
        label={t("byMonth")}
        months={bars(months.months, unit, leavesBy)}
        unit={unit === "rows" ? "count" : "bytes"}
        policy={
          keepDays === null
            ? undefined
            : { atMs: Date.now() - keepDays * DAY_MS, label: t("policyLine", { days: keepDays }) }
        }
        empty={t(months.at ? "noMonths" : "notSampledMonths")}
      />
    </Panel>
  );
}
