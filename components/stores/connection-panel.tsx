import { useTranslations } from "next-intl";
import { Count, Dash, Percent } from "@/components/ui/figures";
import { Fact, Facts, Panel } from "@/components/ui/panel";
import { ShareBar } from "@/components/ui/progress";
import { TimeAgo } from "@/components/ui/time-ago";
import type { QueryStatsDto } from "@/lib/schemas/store";

const CROWDED = 0.8;

/** How many connections there are of how many, and how often a page was found in memory. */
export function ConnectionPanel({ stats }: { stats: QueryStatsDto }) {
  const t = useTranslations("stores");
  const { connections } = stats;
  const used = connections ? connections.active + connections.idle + connections.idleInTransaction : 0;
  return (
    <Panel
      title={t("connections")}
      unit={stats.at && t.rich("asOf", { ago: () => <TimeAgo value={stats.at} /> })}
    >
      {connections ? (
        <>
          <p className="mb-1.5 text-sm">
            {t.rich("connectionsUsed", {
              used: () => <Count value={used} />,
              max: () => <Count value={connections.max} />,
            })}
          </p>
          <ShareBar
            ratio={used / Math.max(1, connections.max)}
            label={t("connections")}
            tone={used / Math.max(1, connections.max) > CROWDED ? "bad" : "accent"}
          />
        </>
      ) : (
        <p className="text-sm text-muted">{t("notSampledHint")}</p>
      )}
      <Facts className="mt-2">
        <Fact label={t("active")}>{connections?.active ?? <Dash reason={t("notSampled")} />}</Fact>
        <Fact label={t("idle")}>{connections?.idle ?? <Dash reason={t("notSampled")} />}</Fact>
        <Fact label={t("idleInTransaction")}>
          {connections ? (
            <span className={connections.idleInTransaction > 0 ? "text-warn" : undefined}>
              {connections.idleInTransaction}
            </span>
          ) : (
            <Dash reason={t("notSampled")} />
          )}
        </Fact>
        <Fact label={t("cacheHits")}>
          <Percent value={stats.cacheHitRatio} reason={t("notSampled")} />
        </Fact>
      </Facts>
    </Panel>
  );
}
