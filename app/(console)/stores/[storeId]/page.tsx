import { getTranslations } from "next-intl/server";
import { found } from "@/app/(console)/attempt";
import { AttentionNotices } from "@/components/datasets/attention-notices";
import { Refresh } from "@/components/live/refresh";
import { PageFrame } from "@/components/shell/page-frame";
import { one, type SearchParams, withParams } from "@/components/stores/address";
import { CheckNow } from "@/components/stores/check-now";
import { StoreState } from "@/components/stores/store-state";
import { WritesSwitch } from "@/components/stores/writes-switch";
import { Tabs } from "@/components/ui/tabs";
import { allows } from "@/lib/auth/authorize";
import { requireUser } from "@/lib/auth/page";
import { getStore } from "@/lib/services/stores/get";
import { AccessTab, HealthTab, TablesTab } from "./tabs";

const REFRESH_MS = 15_000;

/** A store: is it well, since when, how fast, what may be done with it, and what lies in it. */
export default async function StorePage({
  params,
  searchParams,
}: {
  params: Promise<{ storeId: string }>;
  searchParams: Promise<SearchParams>;
}) {
  const [user, { storeId }, search, t] = await Promise.all([
    requireUser(),
    params,
    searchParams,
    getTranslations("stores"),
  ]);
  const store = await found(getStore(user, { storeId }));
  const holdsRows = store.abilities.some((ability) => ability.name === "rows" && ability.has);
  const tabs = holdsRows ? ["health", "tables", "access"] : ["health", "access"];
  const tab = tabs.find((key) => key === one(search, "tab")) ?? "health";
  const path = `/stores/${storeId}`;
  const mayChange = allows(user.role, "store.write");
  return (
    <PageFrame
      breadcrumbs={[{ label: t("title"), href: "/stores" }, { label: store.name }]}
      actions={allows(user.role, "store.check") && <CheckNow storeId={storeId} />}
    >
      <Refresh everyMs={REFRESH_MS} />
      <StoreState store={store} />
      <WritesSwitch storeId={storeId} name={store.name} enabled={store.writesEnabled} mayChange={mayChange} />
      <AttentionNotices
        items={store.attention.filter(
          (item) => item.key !== "storeSilent" && item.attentionId.endsWith(storeId),
        )}
      />
      <Tabs
        label={t("tabsLabel")}
        current={tab}
        tabs={tabs.map((key) => ({
          key,
          label: t(`tabs.${key}`),
          href: withParams(path, search, { tab: key === "health" ? null : key }),
        }))}
      />
      {tab === "health" && <HealthTab user={user} store={store} search={search} />}
      {tab === "tables" && <TablesTab user={user} store={store} />}
      {tab === "access" && <AccessTab store={store} mayChange={mayChange} />}
    </PageFrame>
  );
}
