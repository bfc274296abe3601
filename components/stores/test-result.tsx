import { useTranslations } from "next-intl";
import { Bytes, Count, Duration } from "@/components/ui/figures";
import { Notice } from "@/components/ui/notice";
import { Fact, Facts } from "@/components/ui/panel";
import type { StoreTestDto } from "@/lib/schemas/store";
import { LimitList, RightList } from "./rights-panel";

/** What a connection found: version, latency, size, rights, limits. */
export function TestResult({ test }: { test: StoreTestDto }) {
  const t = useTranslations("stores");
  const { health } = test;
  const missing = health.rights.filter((right) => !right.granted).length;
  return (
    <section aria-label={t("testResult")} className="flex flex-col gap-3 rounded-md border border-line p-4">
      <Notice tone={missing > 0 || health.state !== "healthy" ? "warn" : "ok"} title={t("answers")}>
        {missing > 0 ? t("answersMissing", { count: missing }) : t("answersAll")}
      </Notice>
      <Facts>
        <Fact label={t("version")}>{health.version}</Fact>
        <Fact label={t("roundTrip")}>
          <Duration value={health.latencyMs} />
        </Fact>
        <Fact label={t("columns.size")}>
          <Bytes value={health.sizeBytes} reason={t("noSize")} />
        </Fact>
        {health.freeBytes !== null && (
          <Fact label={t("free")}>
            <Bytes value={health.freeBytes} />
          </Fact>
        )}
        {test.tableCount !== null && (
          <Fact label={t("tables")}>
            <Count value={test.tableCount} />
          </Fact>
        )}
      </Facts>
      <RightList rights={health.rights} />
      <LimitList limits={health.limits} />
    </section>
  );
}
