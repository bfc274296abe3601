import { useTranslations } from "next-intl";
import { Bytes, Count } from "@/components/ui/figures";
import { Fact, Facts, Panel } from "@/components/ui/panel";
import { ShareBar } from "@/components/ui/progress";
import { TimeAgo } from "@/components/ui/time-ago";
import type { StoreDetailDto } from "@/lib/schemas/store";

const LOW = 0.1;

/** A folder's room: free of all, and what Strata's segments take. */
export function FolderPanel({ store }: { store: StoreDetailDto }) {
  const t = useTranslations("stores");
  const total = store.health?.facts.totalBytes;
  const totalBytes = typeof total === "number" && total > 0 ? total : null;
  const freeRatio = totalBytes !== null && store.freeBytes !== null ? store.freeBytes / totalBytes : null;
  return (
    <Panel
      title={t("room")}
      unit={store.healthAt && t.rich("asOf", { ago: () => <TimeAgo value={store.healthAt} /> })}
    >
      {freeRatio !== null && (
        <ShareBar ratio={1 - freeRatio} label={t("roomUsed")} tone={freeRatio < LOW ? "bad" : "cold"} />
      )}
      <Facts className="mt-2">
        <Fact label={t("free")}>
          <Bytes value={store.freeBytes} reason={t("noSize")} />
        </Fact>
        <Fact label={t("totalRoom")}>
          <Bytes value={totalBytes} reason={t("noSize")} />
        </Fact>
        <Fact label={t("inFolder")}>
          <Bytes value={store.sizeBytes} reason={t("noSize")} />
        </Fact>
        <Fact label={t("segments")}>
          <Count value={store.segmentCount} />
        </Fact>
        <Fact label={t("prefixes")}>
          <code>store=…/dataset=…/month=…/</code>
        </Fact>
      </Facts>
    </Panel>
  );
}
