import { useTranslations } from "next-intl";
import { Bytes, BytesChange, Count, Estimate } from "@/components/ui/figures";
import { Stat, Stats } from "@/components/ui/stat";
import { TimeAgo } from "@/components/ui/time-ago";
import { tierRows } from "@/lib/format/tier-rows";
import type { DatasetDetailDto } from "@/lib/schemas/dataset";

/** The dataset in five figures, each with what it is and how old it is. */
export function FiguresLine({ dataset }: { dataset: DatasetDetailDto }) {
  const t = useTranslations("datasets");
  const tiers = useTranslations("tiers");
  const { cold } = dataset;
  return (
    <Stats>
      <Stat
        className="text-hot-ink"
        value={<Bytes value={dataset.hot?.sizeBytes ?? null} reason={t("notSampled")} />}
        caption={
          <>
            {tiers("hot")} · <TimeAgo value={dataset.statsAt} reason={t("notSampled")} />
          </>
        }
      />
      <Stat
        className="text-archive-ink"
        value={<Bytes value={dataset.archive?.sizeBytes ?? null} reason={t("noArchive")} />}
        caption={tiers("archive")}
      />
      <Stat
        className="text-cold-ink"
        value={<Bytes value={cold.segmentCount > 0 ? cold.sizeBytes : null} reason={t("noCold")} />}
        caption={
          cold.segmentCount > 0
            ? t.rich(dataset.leavesBy === "expiry" ? "coldAlsoHot" : "coldWas", {
                bytes: () => <Bytes value={cold.sourceBytes} />,
              })
            : tiers("cold")
        }
      />
      <RowsStat dataset={dataset} />
      <Stat
        value={<BytesChange value={dataset.growthBytesPerWeek} reason={t("noGrowth")} />}
        caption={t("aWeek")}
      />
    </Stats>
  );
}

/** Counted when somebody counted after the last statistics, else estimated. Hot, archive and cold together. */
function RowsStat({ dataset }: { dataset: DatasetDetailDto }) {
  const t = useTranslations("datasets");
  const { exact, hot } = dataset;
  if (exact && (!dataset.statsAt || Date.parse(exact.at) >= Date.now() - 3_600_000))
    return (
      <Stat
        value={<Count value={exact.rowCount} />}
        caption={t.rich("countedAgo", { ago: () => <TimeAgo value={exact.at} /> })}
      />
    );
  const known = hot?.rowCount ?? null;
  return (
    <Stat
      value={<Estimate value={known === null ? null : tierRows(dataset)} reason={t("neverAnalyzed")} />}
      caption={
        known === null
          ? t("rowsWord")
          : t.rich("rowsEstimated", { ago: () => <TimeAgo value={dataset.statsAt} /> })
      }
    />
  );
}
