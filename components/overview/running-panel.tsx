import { useLocale, useTranslations } from "next-intl";
import { useOperationTitle } from "@/components/operations/use-operation-title";
import { StateBadge } from "@/components/ui/badge";
import { Count, Duration, Rate } from "@/components/ui/figures";
import { Panel } from "@/components/ui/panel";
import { Progress } from "@/components/ui/progress";
import { RowLink, Table, Td, Th } from "@/components/ui/table";
import { formatProgress } from "@/lib/format/percent";
import type { OperationDto } from "@/lib/schemas/operation";

/** Operations at work, with how far and how long. */
export function RunningPanel({ operations }: { operations: readonly OperationDto[] }) {
  const t = useTranslations("overview");
  const locale = useLocale();
  const titleOf = useOperationTitle();
  return (
    <Panel title={t("running")} unit={operations.length || undefined}>
      {operations.length === 0 ? (
        <p className="text-sm text-muted">{t("nothingRuns")}</p>
      ) : (
        <Table caption={t("running")} flush>
          <thead>
            <tr>
              <Th>{t("operation")}</Th>
              <Th>{t("state")}</Th>
              <Th>{t("progress")}</Th>
              <Th align="end">{t("rate")}</Th>
              <Th align="end">{t("left")}</Th>
            </tr>
          </thead>
          <tbody>
            {operations.map((operation) => (
              <tr key={operation.operationId} data-link>
                <Td>
                  <RowLink href={`/operations/${operation.operationId}`}>{titleOf(operation)}</RowLink>
                </Td>
                <Td label={t("state")}>
                  <StateBadge state={operation.state} />
                </Td>
                <Td label={t("progress")}>
                  <span className="flex items-center gap-2">
                    <span className="w-36 max-sm:w-20">
                      <Progress ratio={operation.progress} label={t("progress")} />
                    </span>
                    {formatProgress(operation.progress, locale)}
                    <span className="text-muted">
                      {t.rich("rowsOf", {
                        done: () => <Count value={operation.doneRows} />,
                        total: () => <Count value={operation.totalRows} />,
                      })}
                    </span>
                  </span>
                </Td>
                <Td align="end" label={t("rate")}>
                  <Rate value={operation.bytesPerSec} per="bytes" />
                </Td>
                <Td align="end" label={t("left")}>
                  <Duration value={operation.etaMs?.min} untilMs={operation.etaMs?.max} reason={t("noEta")} />
                </Td>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
    </Panel>
  );
}
