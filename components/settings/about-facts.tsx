import { useTranslations } from "next-intl";
import { Bytes, Code, Duration } from "@/components/ui/figures";
import { Fact, Facts, Panel } from "@/components/ui/panel";
import { Table, Td, Th } from "@/components/ui/table";
import { DateTime, TimeAgo } from "@/components/ui/time-ago";
import type { SettingsDto } from "@/lib/schemas/settings";

/** What runs here. */
export function AboutFacts({ settings }: { settings: SettingsDto }) {
  const t = useTranslations("settings");
  const { database, samples } = settings;
  return (
    <Panel title={t("installation")}>
      <Facts>
        <Fact label={t("version")}>
          Strata {settings.version}
          {settings.demo && <span className="text-muted"> · {t("demo")}</span>}
        </Fact>
        <Fact label={t("dataFolder")}>
          <Code>{settings.dataFolder}</Code>
        </Fact>
        <Fact label={t("controlDb")}>
          PostgreSQL {database.version} · {t(database.embedded ? "embedded" : "ownServer")}
        </Fact>
        <Fact label={t("controlSize")}>
          <Bytes value={database.sizeBytes} />
        </Fact>
        <Fact label={t("controlLatency")}>
          <Duration value={database.latencyMs} />
        </Fact>
        <Fact label={t("samples")}>
          {t.rich("samplesSize", {
            raw: () => <Bytes value={samples.rawSizeBytes} />,
            hour: () => <Bytes value={samples.hourSizeBytes} />,
          })}
        </Fact>
        <Fact label={t("samplesSince")}>
          <DateTime value={samples.oldestAt} reason={t("noSamples")} />
        </Fact>
      </Facts>
    </Panel>
  );
}

export function WorkerPanel({ workers }: Pick<SettingsDto, "workers">) {
  const t = useTranslations("settings");
  return (
    <Panel title={t("workers")} unit={workers.length} padding={workers.length > 0 ? "none" : "normal"}>
      {workers.length === 0 ? (
        <p className="text-sm text-muted">{t("noWorkers")}</p>
      ) : (
        <Table caption={t("workers")}>
          <thead>
            <tr>
              <Th>{t("worker")}</Th>
              <Th align="end">{t("pid")}</Th>
              <Th align="end">{t("started")}</Th>
              <Th align="end">{t("seen")}</Th>
            </tr>
          </thead>
          <tbody>
            {workers.map((worker) => (
              <tr key={worker.workerId}>
                <Td>
                  <Code>{worker.host}</Code>
                </Td>
                <Td align="end" label={t("pid")}>
                  {worker.pid}
                </Td>
                <Td align="end" label={t("started")}>
                  <TimeAgo value={worker.startedAt} />
                </Td>
                <Td align="end" label={t("seen")}>
                  <TimeAgo value={worker.seenAt} />
                </Td>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
    </Panel>
  );
}
