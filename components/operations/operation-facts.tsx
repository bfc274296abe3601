import { useTranslations } from "next-intl";
import { Fact, Facts, Panel } from "@/components/ui/panel";
import { DateTime } from "@/components/ui/time-ago";
import type { OperationDetailDto } from "@/lib/schemas/operation";

/** Who asked for it, why and when. */
export function OperationFacts({ operation }: { operation: OperationDetailDto }) {
  const t = useTranslations("operationPage");
  return (
    <Panel title={t("about")}>
      <Facts>
        <Fact label={t("by")}>{operation.createdByName}</Fact>
        <Fact label={t("reason")}>{operation.reason || "–"}</Fact>
        <Fact label={t("created")}>
          <DateTime value={operation.createdAt} />
        </Fact>
        <Fact label={t("started")}>
          <DateTime value={operation.startedAt} reason={t("neverStarted")} />
        </Fact>
        <Fact label={t("endedAt")}>
          <DateTime value={operation.endedAt} reason={t("notEnded")} />
        </Fact>
        <Fact label={t("attempts")}>{operation.attempts}</Fact>
      </Facts>
    </Panel>
  );
}
