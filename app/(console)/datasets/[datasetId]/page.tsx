import { getTranslations } from "next-intl/server";
import { attempt, found } from "@/app/(console)/attempt";
import { AttentionNotices } from "@/components/datasets/attention-notices";
import { DatasetActions } from "@/components/datasets/dataset-actions";
import { FiguresLine } from "@/components/datasets/figures-line";
import { GrowthChart } from "@/components/datasets/growth-chart";
import { MonthsPanel } from "@/components/datasets/months-panel";
import { SubjectLine } from "@/components/datasets/subject-line";
import { Refresh } from "@/components/live/refresh";
import { PageFrame } from "@/components/shell/page-frame";
import { one, type SearchParams, withParams } from "@/components/stores/address";
import { Loaded } from "@/components/stores/loaded";
import { RangeLinks } from "@/components/stores/range-links";
import { rangeOf } from "@/components/stores/ranges";
import { Panel } from "@/components/ui/panel";
import { Tabs } from "@/components/ui/tabs";
import { allows } from "@/lib/auth/authorize";
import { type PageUser, requireUser } from "@/lib/auth/page";
import type { DatasetDetailDto } from "@/lib/schemas/dataset";
import { getDataset } from "@/lib/services/datasets/get";
import { getMonths } from "@/lib/services/datasets/months";
import { getDatasetSeries } from "@/lib/services/datasets/series";
import { DATASET_TABS, DatasetTab } from "./tabs";

const REFRESH_MS = 15_000;
const RANGES = ["7d", "30d", "90d", "1y"] as const;
const POINTS = 300;

/** A dataset: where its rows lie, how it grows, what is wrong with it and what can be done. */
export default async function DatasetPage({
  params,
  searchParams,
}: {
  params: Promise<{ datasetId: string }>;
  searchParams: Promise<SearchParams>;
}) {
  const [user, { datasetId }, search, t] = await Promise.all([
    requireUser(),
    params,
    searchParams,
    getTranslations("datasets"),
  ]);
  const [dataset, months] = await Promise.all([
    found(getDataset(user, { datasetId })),
    attempt("months", getMonths(user, { datasetId })),
  ]);
  const path = `/datasets/${datasetId}`;
  const tab = DATASET_TABS.find((key) => key === one(search, "tab")) ?? "space";
  const counts: Record<string, number | undefined> = {
    indexes: dataset.stats?.indexes.length,
    segments: dataset.cold.segmentCount || undefined,
    family: dataset.childCount + (dataset.parentId ? 1 : 0) || undefined,
  };
  return (
    <PageFrame
      breadcrumbs={[
        { label: t("title"), href: "/datasets" },
        ...(dataset.parentId && dataset.parentName
          ? [{ label: dataset.parentName, href: `/datasets/${dataset.parentId}` }]
          : []),
        { label: dataset.name },
      ]}
      actions={
        <DatasetActions
          datasetId={datasetId}
          parent={dataset.parentId ? { datasetId: dataset.parentId, name: dataset.parentName ?? "" } : null}
          optimizes={dataset.optimizeActions.length > 0}
          mayPlan={allows(user.role, "operation.plan")}
        />
      }
    >
      <Refresh everyMs={REFRESH_MS} />
      <SubjectLine dataset={dataset} />
      <FiguresLine dataset={dataset} />
      <AttentionNotices items={dataset.attention} />
      <div className="grid gap-4 lg:grid-cols-[minmax(0,7fr)_minmax(0,5fr)]">
        <Loaded part={months}>
          {(data) => (
            <MonthsPanel
              leavesBy={dataset.leavesBy}
              months={data}
              keepDays={dataset.keepDays}
              unit={one(search, "unit") === "bytes" ? "bytes" : "rows"}
              path={path}
              search={search}
            />
          )}
        </Loaded>
        <Growth user={user} dataset={dataset} path={path} search={search} />
      </div>
      <Tabs
        label={t("tabsLabel")}
        current={tab}
        tabs={DATASET_TABS.map((key) => ({
          key,
          label: t(`tabs.${key}`),
          count: counts[key],
          href: withParams(path, search, { tab: key === "space" ? null : key, cursor: null }),
        }))}
      />
      <DatasetTab tab={tab} user={user} dataset={dataset} months={months} path={path} search={search} />
    </PageFrame>
  );
}

async function Growth({
  user,
  dataset,
  path,
  search,
}: {
  user: PageUser;
  dataset: DatasetDetailDto;
  path: string;
  search: SearchParams;
}) {
  const range = rangeOf(search, RANGES, "90d", Date.now());
  const series = (metric: "hotBytes" | "archiveBytes" | "coldBytes") =>
    getDatasetSeries(user, {
      datasetId: dataset.datasetId,
      metric,
      from: range.from,
      until: range.until,
      maxPoints: POINTS,
    });
  const [t, part] = await Promise.all([
    getTranslations("datasets"),
    attempt("growth", Promise.all([series("hotBytes"), series("archiveBytes"), series("coldBytes")])),
  ]);
  return (
    <Panel
      title={t("growth")}
      unit={t("growthUnit")}
      actions={<RangeLinks path={path} search={search} ranges={RANGES} current={range.name} />}
    >
      <Loaded part={part}>
        {([hot, archive, cold]) => <GrowthChart series={{ hot, archive, cold }} marks={hot.marks} />}
      </Loaded>
    </Panel>
  );
}
