import { useTranslations } from "next-intl";
import { Sentence } from "@/components/operations/sentence";
import { FigureValue } from "@/components/stores/figure-value";
import { Badge, TIER_TEXT, TierBadge } from "@/components/ui/badge";
import { ButtonLink } from "@/components/ui/button";
import { CodeBlock } from "@/components/ui/code-block";
import { Bytes, Code, Count, Estimate, Percent } from "@/components/ui/figures";
import { Fact, Facts, Panel } from "@/components/ui/panel";
import { ShareBar } from "@/components/ui/progress";
import { Table, Td, Th } from "@/components/ui/table";
import { DateTime, TimeAgo } from "@/components/ui/time-ago";
import type { AdviceDto, DatasetDetailDto, TableStatsDto } from "@/lib/schemas/dataset";

/** What takes the space, in which tier, and what could be done about it. */
export function SpaceTab({ dataset }: { dataset: DatasetDetailDto }) {
  return (
    <>
      <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,4fr)_minmax(0,7fr)]">
        <PartsPanel stats={dataset.stats} deadRatio={dataset.deadRatio} statsAt={dataset.statsAt} />
        <TiersPanel dataset={dataset} />
      </div>
      <AdvicePanel dataset={dataset} />
    </>
  );
}

function PartsPanel({
  stats,
  deadRatio,
  statsAt,
}: {
  stats: TableStatsDto | null;
  deadRatio: number | null;
  statsAt: string | null;
}) {
  const t = useTranslations("datasets");
  const tFigures = useTranslations("stores.figures");
  // A store that keeps no long values apart has nothing to say about them, and one without dead rows none to vacuum.
  const parts = [
    { key: "heap", sizeBytes: stats?.heapBytes ?? null },
    { key: "indexes", sizeBytes: stats?.indexBytes ?? null },
    ...(stats && stats.toastBytes === null ? [] : [{ key: "toast", sizeBytes: stats?.toastBytes ?? null }]),
  ];
  const vacuumed = stats === null || stats.deadRows !== null;
  return (
    <Panel title={t("parts")} unit={<TimeAgo value={statsAt} reason={t("notSampled")} />}>
      <dl className="divide-y divide-line text-sm">
        {parts.map((part) => (
          <div key={part.key} className="grid min-h-9 grid-cols-[5.5rem_5rem_1fr] items-center gap-3 py-1.5">
            <dt className="text-muted">{t(part.key)}</dt>
            <dd className="text-right">
              <Bytes value={part.sizeBytes} reason={t("notSampled")} />
            </dd>
            <dd>
              <ShareBar
                ratio={(part.sizeBytes ?? 0) / Math.max(1, stats?.totalBytes ?? 1)}
                label={t(part.key)}
                tone="hot"
              />
            </dd>
          </div>
        ))}
      </dl>
      <Facts className="border-t border-line">
        {vacuumed && <DeadRows stats={stats} deadRatio={deadRatio} />}
        {stats?.figures?.map((figure) => (
          <Fact key={figure.key} label={tFigures(figure.key)}>
            <FigureValue {...figure} reason={t("notSampled")} />
          </Fact>
        ))}
      </Facts>
      {stats && stats.notes.length > 0 && (
        <ul className="mt-2 text-xs text-muted">
          {stats.notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

/** What a store that leaves dead rows behind says of them. */
function DeadRows({ stats, deadRatio }: { stats: TableStatsDto | null; deadRatio: number | null }) {
  const t = useTranslations("datasets");
  return (
    <>
      <Fact label={t("deadRows")}>
        <Percent value={deadRatio} reason={t("notSampled")} />
        {stats?.deadRows != null && (
          <span className="text-muted">
            {" "}
            · <Estimate value={stats.deadRows} />
          </span>
        )}
      </Fact>
      <Fact label={t("lastVacuum")}>
        <TimeAgo value={stats?.lastVacuumAt} reason={t("never")} />
      </Fact>
      <Fact label={t("lastAnalyze")}>
        <TimeAgo value={stats?.lastAnalyzeAt} reason={t("never")} />
      </Fact>
    </>
  );
}

function TiersPanel({ dataset }: { dataset: DatasetDetailDto }) {
  const t = useTranslations("datasets");
  const { hot, archive, cold } = dataset;
  const rows = [
    {
      tier: "hot",
      rowCount: hot?.rowCount ?? null,
      sizeBytes: hot?.sizeBytes ?? null,
      exact: false,
      none: t("notSampled"),
    },
    {
      tier: "archive",
      rowCount: archive?.rowCount ?? null,
      sizeBytes: archive?.sizeBytes ?? null,
      exact: false,
      none: t("noArchive"),
    },
    {
      tier: "cold",
      rowCount: cold.segmentCount > 0 ? cold.rowCount : null,
      sizeBytes: cold.segmentCount > 0 ? cold.sizeBytes : null,
      exact: true,
      none: t("noCold"),
    },
  ] as const;
  const where = {
    hot: `${dataset.schemaName}.${dataset.tableName}`,
    archive: dataset.archiveTable && `${dataset.archiveTable.schema}.${dataset.archiveTable.name}`,
    cold: dataset.coldStore?.name ?? null,
  };
  return (
    <Panel
      title={t("tiersTitle")}
      unit={dataset.leavesBy === "expiry" && cold.segmentCount > 0 ? t("tiersOverlap") : undefined}
      padding="none"
    >
      <Table caption={t("tiersTitle")}>
        <thead>
          <tr>
            <Th>{t("tier")}</Th>
            <Th>{t("where")}</Th>
            <Th align="end">{t("columns.rows")}</Th>
            <Th align="end">{t("size")}</Th>
            <Th>{t("oldest")}</Th>
            <Th>{t("newest")}</Th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.tier}>
              <Td>
                <TierBadge tier={row.tier} />
              </Td>
              <Td label={t("where")}>
                {where[row.tier] ? (
                  <Code>{where[row.tier]}</Code>
                ) : (
                  <span className="text-muted">{row.none}</span>
                )}
              </Td>
              <Td align="end" label={t("columns.rows")}>
                {row.exact ? (
                  <Count value={row.rowCount} reason={row.none} />
                ) : (
                  <Estimate
                    value={row.rowCount}
                    reason={row.sizeBytes === null ? row.none : t("neverAnalyzed")}
                  />
                )}
              </Td>
              <Td align="end" label={t("size")}>
                <span className={TIER_TEXT[row.tier]}>
                  <Bytes value={row.sizeBytes} reason={row.none} />
                </span>
              </Td>
              <Td label={t("oldest")}>
                <DateTime value={dataset.oldest[row.tier]} reason={t("oldestUnknown")} />
              </Td>
              <Td label={t("newest")}>
                <DateTime value={dataset.newest[row.tier]} reason={t("oldestUnknown")} />
              </Td>
            </tr>
          ))}
        </tbody>
      </Table>
      {cold.segmentCount > 0 && (
        <p className="border-t border-line px-4 py-2.5 text-xs text-muted">
          {t.rich("coldRatio", {
            source: () => <Bytes value={cold.sourceBytes} />,
            ratio: () => <Percent value={cold.sizeBytes / Math.max(1, cold.sourceBytes)} />,
          })}
        </p>
      )}
    </Panel>
  );
}

const WORTH_TONE = { yes: "ok", no: "idle", maybe: "warn" } as const;

function AdvicePanel({ dataset }: { dataset: DatasetDetailDto }) {
  const t = useTranslations("datasets");
  if (dataset.advice.length === 0) return null;
  return (
    <Panel
      title={t("adviceTitle")}
      actions={
        <ButtonLink size="sm" href={`/datasets/${dataset.datasetId}/optimize`}>
          {t("optimize")}
        </ButtonLink>
      }
    >
      <ul className="divide-y divide-line">
        {dataset.advice.map((advice) => (
          <AdviceRow
            key={`${advice.key}:${advice.details.index ?? advice.details.column ?? ""}`}
            advice={advice}
          />
        ))}
      </ul>
    </Panel>
  );
}

function AdviceRow({ advice }: { advice: AdviceDto }) {
  const t = useTranslations("optimizePage");
  const own = useTranslations("datasets");
  return (
    <li className="grid gap-x-3 gap-y-1 py-2.5 sm:grid-cols-[7rem_1fr]">
      <span>
        <Badge tone={WORTH_TONE[advice.worth]}>{t(`worth.${advice.worth}`)}</Badge>
      </span>
      <div className="flex min-w-0 flex-col gap-1.5 text-sm">
        <p>
          <Sentence sentence={advice} area="datasets.advice" />
        </p>
        {advice.statements.length > 0 && (
          <CodeBlock
            code={advice.statements.map((one) => `${one};`).join("\n")}
            label={own("statements")}
            wrap
          />
        )}
      </div>
    </li>
  );
}
