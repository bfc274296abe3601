import { useTranslations } from "next-intl";
import { Badge, StateBadge } from "@/components/ui/badge";
import { Bytes, BytesChange, Duration } from "@/components/ui/figures";
import { Notice } from "@/components/ui/notice";
import { Stat, Stats } from "@/components/ui/stat";
import { TimeAgo } from "@/components/ui/time-ago";
import type { StoreDetailDto } from "@/lib/schemas/store";
import { FailureText } from "./failure-text";
import { kindName } from "./kind-name";

/** One line: what it is, how it is since when, how old that knowledge is. While it is away: why, and what to do. */
export function StoreState({ store }: { store: StoreDetailDto }) {
  const t = useTranslations("stores");
  return (
    <>
      <p className="flex flex-wrap items-center gap-x-4 gap-y-1 text-sm">
        <StateBadge state={store.state}>
          {t.rich(`stateSince.${store.state}`, { ago: () => <TimeAgo value={store.stateSince} /> })}
        </StateBadge>
        <span>{kindName(store)}</span>
        <Badge tone={store.writesEnabled ? undefined : "info"}>
          {t(store.writesEnabled ? "writable" : "readOnly")}
        </Badge>
        <span className="text-muted">
          {t.rich("checkedAgo", { ago: () => <TimeAgo value={store.healthAt} reason={t("neverChecked")} /> })}
        </span>
      </p>
      {store.state === "unreachable" && (
        <Notice tone="bad" title={store.failure ? <FailureText failure={store.failure} /> : t("noAnswer")}>
          {t("unreachableAdvice")}
        </Notice>
      )}
      <Stats>
        <Stat value={<Bytes value={store.sizeBytes} reason={t("noSize")} />} caption={t("columns.size")} />
        <Stat
          value={<BytesChange value={store.growthBytesPerWeek} reason={t("noGrowth")} />}
          caption={t("aWeek")}
        />
        <Stat
          value={<Duration value={store.latencyP95Ms} reason={t("noLatency")} />}
          caption={t("latencyCaption")}
        />
        {store.freeBytes !== null && <Stat value={<Bytes value={store.freeBytes} />} caption={t("free")} />}
        <Stat
          value={
            store.abilities.some((ability) => ability.name === "rows" && ability.has)
              ? store.datasetCount
              : store.segmentCount
          }
          caption={t(
            store.abilities.some((ability) => ability.name === "rows" && ability.has)
              ? "columns.datasets"
              : "segments",
          )}
        />
      </Stats>
    </>
  );
}
