import { getTranslations } from "next-intl/server";
import { attempt } from "@/app/(console)/attempt";
import { one, type SearchParams, withParams } from "@/components/stores/address";
import { BreakdownPanel } from "@/components/stores/breakdown-panel";
import { CapabilityPanel } from "@/components/stores/capability-panel";
import { ConfigPanel } from "@/components/stores/config-panel";
import { ConnectionPanel } from "@/components/stores/connection-panel";
import { FigureChart } from "@/components/stores/figure-chart";
import { FiguresPanel } from "@/components/stores/figures-panel";
import { FolderPanel } from "@/components/stores/folder-panel";
import { ForgetStore } from "@/components/stores/forget-store";
import { freeName } from "@/components/stores/free-name";
import { HealthBar } from "@/components/stores/health-bar";
import { LatencyChart } from "@/components/stores/latency-chart";
import { Loaded } from "@/components/stores/loaded";
import { PricePanel } from "@/components/stores/price-panel";
import { QueryPanel } from "@/components/stores/query-panel";
import { RangeLinks } from "@/components/stores/range-links";
import { rangeOf } from "@/components/stores/ranges";
import { RightsPanel } from "@/components/stores/rights-panel";
import { TableList } from "@/components/stores/table-list";
import { Panel } from "@/components/ui/panel";
import { allows } from "@/lib/auth/authorize";
import type { PageUser } from "@/lib/auth/page";
import type { ActionResult } from "@/lib/schemas/action";
import { figureMetric } from "@/lib/schemas/metrics";
import type { QueryStatsDto, StoreDetailDto, StoreFiguresDto } from "@/lib/schemas/store";
import { listDatasets } from "@/lib/services/datasets/list";
import { proposeDatasets } from "@/lib/services/datasets/propose";
import { getFigures } from "@/lib/services/stores/figures";
import { getHealthHistory } from "@/lib/services/stores/health-history";
import { getLatency } from "@/lib/services/stores/latency";
import { getQueryStats } from "@/lib/services/stores/query-stats";
import { getStoreSeries } from "@/lib/services/stores/series";
import { listTables } from "@/lib/services/stores/tables";

const RANGES = ["1h", "24h", "7d", "30d"] as const;

const has = (store: StoreDetailDto, ability: string): boolean =>
  store.abilities.some((found) => found.name === ability && found.has);

/** Answered or not, how fast, what keeps it busy. Each panel fails alone. */
export async function HealthTab({
  user,
  store,
  search,
}: {
  user: PageUser;
  store: StoreDetailDto;
  search: SearchParams;
}) {
  const { storeId } = store;
  const range = rangeOf(search, RANGES, "24h", Date.now());
  const input = { storeId, from: range.from, until: range.until };
  const [t, history, latency, stats, figures] = await Promise.all([
    getTranslations("stores"),
    attempt("healthHistory", getHealthHistory(user, input)),
    attempt("latency", getLatency(user, input)),
    attempt("queryStats", getQueryStats(user, { storeId })),
    attempt("figures", getFigures(user, { storeId })),
  ]);
  const own = figures.ok && figures.data.at !== null ? figures.data : null;
  return (
    <>
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h2 className="text-sm font-semibold">{t("healthOver")}</h2>
        <RangeLinks path={`/stores/${storeId}`} search={search} ranges={RANGES} current={range.name} />
      </div>
      <Panel title={t("history")}>
        <Loaded part={history}>{(data) => <HealthBar history={data} />}</Loaded>
      </Panel>
      <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,7fr)_minmax(0,4fr)]">
        <Panel title={t("latency")} unit={t("latencyUnit")}>
          <Loaded part={latency}>
            {(data) => <LatencyChart latency={data} from={range.from} until={range.until} />}
          </Loaded>
        </Panel>
        <BesideLatency store={store} stats={stats} figures={own} />
      </div>
      {own && (
        <OwnFigures
          user={user}
          figures={own}
          range={input}
          besideFigures={has(store, "queryStats") && tellsConnections(stats)}
        />
      )}
      {has(store, "queryStats") && (
        <Loaded part={stats}>
          {(data) => (
            <QueryPanel
              stats={data}
              shown={one(search, "queries") === "all" ? "all" : "few"}
              moreHref={withParams(`/stores/${storeId}`, search, { queries: "all" })}
            />
          )}
        </Loaded>
      )}
    </>
  );
}

const tellsConnections = (stats: ActionResult<QueryStatsDto>): boolean =>
  !stats.ok || stats.data.at === null || stats.data.connections !== null;

/** What says most about how busy the store is: its connections, else its own figures, else its room. */
function BesideLatency({
  store,
  stats,
  figures,
}: {
  store: StoreDetailDto;
  stats: ActionResult<QueryStatsDto>;
  figures: StoreFiguresDto | null;
}) {
  if (has(store, "queryStats") && (tellsConnections(stats) || figures === null))
    return <Loaded part={stats}>{(data) => <ConnectionPanel stats={data} />}</Loaded>;
  if (figures) return <FiguresPanel figures={figures} />;
  return has(store, "objects") ? <FolderPanel store={store} /> : null;
}

/** What only this kind tells: figures, charts of the sampled ones, and what they are made of. */
async function OwnFigures({
  user,
  figures,
  range,
  besideFigures,
}: {
  user: PageUser;
  figures: StoreFiguresDto;
  /** Whether something else stands beside the latency, so that the figures come here. */
  besideFigures: boolean;
  range: { storeId: string; from: string; until: string };
}) {
  const t = await getTranslations("stores");
  const charted = figures.figures.filter((figure) => figure.charted && typeof figure.value === "number");
  const series = await Promise.all(
    charted.map((figure) =>
      attempt("figure", getStoreSeries(user, { ...range, metric: figureMetric(figure.key) })),
    ),
  );
  return (
    <>
      {besideFigures && <FiguresPanel figures={figures} />}
      <div className="grid items-start gap-4 md:grid-cols-2 xl:grid-cols-3">
        {charted.map((figure, at) => (
          <Panel key={figure.key} title={t(`figures.${figure.key}`)}>
            {series[at] && (
              <Loaded part={series[at]}>
                {(data) => <FigureChart figureKey={figure.key} unit={figure.unit} series={data} />}
              </Loaded>
            )}
          </Panel>
        ))}
        {figures.breakdowns.map((breakdown) => (
          <BreakdownPanel key={breakdown.key} breakdown={breakdown} />
        ))}
      </div>
    </>
  );
}

type Families = Awaited<ReturnType<typeof proposeDatasets>>["families"];

/** A name that is taken (the same application in two stores) gets the store's name before it. */
const withFreeNames = (families: Families, storeName: string, taken: ReadonlySet<string>): Families =>
  families.map((family) => ({
    ...family,
    members: family.members.map((member) => ({
      ...member,
      proposal: { ...member.proposal, name: freeName(member.proposal.name, storeName, taken) },
    })),
  }));

/** What lies in it, and what of it is or could be a dataset. */
export async function TablesTab({ user, store }: { user: PageUser; store: StoreDetailDto }) {
  const { storeId } = store;
  const both = await attempt(
    "tables",
    Promise.all([listTables(user, { storeId }), proposeDatasets(user, { storeId }), listDatasets(user, {})]),
  );
  return (
    <Loaded part={both}>
      {([tables, proposals, datasets]) => (
        <TableList
          storeId={storeId}
          tables={tables}
          families={withFreeNames(proposals.families, store.name, new Set(datasets.map((one) => one.name)))}
          tablesAt={store.tablesAt}
          mayManage={allows(user.role, "dataset.write")}
        />
      )}
    </Loaded>
  );
}

/** What it can do, what Strata may do in it, how it is reached, and how to be rid of it. */
export function AccessTab({ store, mayChange }: { store: StoreDetailDto; mayChange: boolean }) {
  return (
    <>
      <div className="grid items-start gap-4 lg:grid-cols-2">
        <CapabilityPanel kind={store.kind} abilities={store.abilities} writesEnabled={store.writesEnabled} />
        <div className="flex min-w-0 flex-col gap-4">
          {store.health && <RightsPanel health={store.health} />}
          <ConfigPanel store={store} mayChange={mayChange} />
          <PricePanel storeId={store.storeId} prices={store.prices} mayChange={mayChange} />
        </div>
      </div>
      {mayChange && (
        <ForgetStore
          storeId={store.storeId}
          name={store.name}
          inUse={store.datasetCount > 0 || store.segmentCount > 0}
        />
      )}
    </>
  );
}
