import { useTranslations } from "next-intl";
import { Bytes, Count } from "@/components/ui/figures";
import { Notice } from "@/components/ui/notice";
import { TimeAgo } from "@/components/ui/time-ago";
import type { SpoolDto } from "@/lib/schemas/operation";

/** What waits on this machine's disk until its database is back, and what there cannot be read any more. */
export function SpoolNotice({ spools }: { spools: readonly SpoolDto[] }) {
  const t = useTranslations("operationsPage.spools");
  return spools.map((spool) => (
    <Notice key={spool.kind} tone={spool.damaged > 0 ? "bad" : "warn"}>
      {spool.waiting > 0 && (
        <p>
          {t.rich("waiting", {
            kind: t(`kinds.${spool.kind}`),
            count: () => <Count value={spool.waiting} />,
            size: () => <Bytes value={spool.sizeBytes} />,
            since: () => <TimeAgo value={spool.since} />,
          })}
        </p>
      )}
      {spool.damaged > 0 && <p>{t("damaged", { kind: t(`kinds.${spool.kind}`), count: spool.damaged })}</p>}
    </Notice>
  ));
}
