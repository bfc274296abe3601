import Link from "next/link";
import { useTranslations } from "next-intl";
import { Sparkline } from "@/components/charts/sparkline";
import { StateBadge } from "@/components/ui/badge";
import { classNames } from "@/components/ui/class-names";
import { Bytes, BytesChange, Dash, Duration } from "@/components/ui/figures";
import { TimeAgo } from "@/components/ui/time-ago";
import type { StoreDto } from "@/lib/schemas/store";

/** Every store in a row of compact tiles: state, latency, size, growth a week. */
export function StoreTiles({ stores }: { stores: readonly StoreDto[] }) {
  const t = useTranslations("overview");
  return (
    <ul
      aria-label={t("stores")}
      className="grid gap-3 [grid-template-columns:repeat(auto-fill,minmax(11.5rem,1fr))] max-sm:grid-cols-2"
    >
      {stores.map((store) => (
        <li key={store.storeId}>
          <StoreTile store={store} />
        </li>
      ))}
    </ul>
  );
}

function StoreTile({ store }: { store: StoreDto }) {
  const t = useTranslations("overview");
  const dead = store.state === "unreachable";
  return (
    <Link
      href={`/stores/${store.storeId}`}
      className={classNames(
        "flex h-full flex-col gap-1 overflow-hidden rounded-md border bg-surface px-3 py-2.5 transition-colors hover:bg-hover",
        dead ? "border-bad" : "border-line",
      )}
    >
      <span className="flex items-baseline gap-2">
        <strong className="min-w-0 flex-1 truncate text-sm font-semibold" title={store.name}>
          {store.name}
        </strong>
        <span className="truncate text-xs text-muted">{store.kindLabel}</span>
      </span>
      <StateBadge state={store.state}>
        {dead ? t.rich("silentSince", { ago: () => <TimeAgo value={store.stateSince} /> }) : undefined}
      </StateBadge>
      <Sparkline
        values={store.latency.map((point) => point.value)}
        label={t("latencyOf", { store: store.name })}
        tone={dead ? "bad" : "1"}
      />
      <span className="flex justify-between gap-2 text-sm">
        <span>
          p95 <Duration value={store.latencyP95Ms} reason={t("noLatency")} />
        </span>
        <Bytes value={store.sizeBytes} reason={t("noSize")} />
      </span>
      <span className="text-xs text-muted">
        {store.growthBytesPerWeek === null ? (
          <Dash reason={t("noGrowth")} />
        ) : (
          t.rich("perWeek", { bytes: () => <BytesChange value={store.growthBytesPerWeek} /> })
        )}
      </span>
    </Link>
  );
}
