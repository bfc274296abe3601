import { getTranslations } from "next-intl/server";
import { Refresh } from "@/components/live/refresh";
import { AttentionList } from "@/components/overview/attention-list";
import { FirstSteps } from "@/components/overview/first-steps";
import { GrowthPanel } from "@/components/overview/growth-panel";
import { RunningPanel } from "@/components/overview/running-panel";
import { StoreTiles } from "@/components/overview/store-tiles";
import { PageFrame } from "@/components/shell/page-frame";
import { requireUser } from "@/lib/auth/page";
import { getOverview } from "@/lib/services/overview/get";

const REFRESH_MS = 15_000;

/** Is it fine? What is wrong? What runs? How fast does it grow? In that order. */
export default async function OverviewPage() {
  const [user, t] = await Promise.all([requireUser(), getTranslations("overview")]);
  const overview = await getOverview(user);
  return (
    <PageFrame breadcrumbs={[{ label: t("title") }]}>
      <Refresh everyMs={REFRESH_MS} />
      {overview.stores.length === 0 ? (
        <FirstSteps mayAdminister={user.role === "admin"} />
      ) : (
        <>
          <StoreTiles stores={overview.stores} />
          <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,7fr)_minmax(0,4fr)]">
            <AttentionList items={overview.attention} />
            <GrowthPanel growth={overview.growth} coldSourceBytes={overview.coldSourceBytes} />
          </div>
          <RunningPanel operations={overview.running} />
        </>
      )}
    </PageFrame>
  );
}
