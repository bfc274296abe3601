import { useLocale, useTranslations } from "next-intl";
import { StateBadge } from "@/components/ui/badge";
import { Count, Dash, Duration, Rate } from "@/components/ui/figures";
import { Progress } from "@/components/ui/progress";
import { RowLink, Table, TableFrame, Td, Th } from "@/components/ui/table";
import { TimeAgo } from "@/components/ui/time-ago";
import { formatProgress } from "@/lib/format/percent";
import { ENDED_STATES, type OperationDto } from "@/lib/schemas/operation";
import { useOperationTitle } from "./use-operation-title";

/** Operations, newest first: what, on what, how far or how it ended. */
export function OperationTable({ operations }: { operations: readonly OperationDto[] }) {
  const t = useTranslations("operationsPage");
  return (
    <TableFrame>
      <Table caption={t("title")}>
        <thead>
          <tr>
            <Th>{t("operation")}</Th>
            <Th>{t("dataset")}</Th>
            <Th>{t("state")}</Th>
            <Th>{t("progress")}</Th>
            <Th align="end">{t("rows")}</Th>
            <Th align="end">{t("rate")}</Th>
            <Th>{t("by")}</Th>
            <Th align="end">{t("when")}</Th>
          </tr>
        </thead>
        <tbody>
          {operations.map((operation) => (
            <OperationRow key={operation.operationId} operation={operation} />
          ))}
        </tbody>
      </Table>
    </TableFrame>
  );
}

function OperationRow({ operation }: { operation: OperationDto }) {
  const t = useTranslations("operationsPage");
  const titleOf = useOperationTitle();
  const ended = ENDED_STATES.includes(operation.state);
  return (
    <tr data-link>
      <Td>
        <RowLink href={`/operations/${operation.operationId}`}>{titleOf(operation)}</RowLink>
      </Td>
      <Td label={t("dataset")}>{operation.datasetName ?? operation.storeName ?? <Dash />}</Td>
      <Td label={t("state")}>
        <StateBadge state={operation.stalled ? "warning" : operation.state}>
          {operation.stalled ? t("stalled") : undefined}
        </StateBadge>
      </Td>
      <Td label={t("progress")}>
        {ended ? <Took operation={operation} /> : <Running operation={operation} />}
      </Td>
      <Td align="end" label={t("rows")}>
        <Count value={operation.doneRows} />
      </Td>
      <Td align="end" label={t("rate")}>
        {ended ? <Dash reason={t("ended")} /> : <Rate value={operation.bytesPerSec} per="bytes" />}
      </Td>
      <Td label={t("by")}>{operation.createdByName}</Td>
      <Td align="end" label={t("when")}>
        <TimeAgo value={operation.endedAt ?? operation.startedAt ?? operation.createdAt} />
      </Td>
    </tr>
  );
}

function Running({ operation }: { operation: OperationDto }) {
  const locale = useLocale();
  const t = useTranslations("operationsPage");
  return (
    <span className="flex min-w-36 items-center gap-2">
      <span className="w-24">
        <Progress ratio={operation.progress} label={t("progress")} />
      </span>
      {formatProgress(operation.progress, locale)}
    </span>
  );
}

function Took({ operation }: { operation: OperationDto }) {
  const t = useTranslations("operationsPage");
  if (!operation.startedAt || !operation.endedAt) return <Dash reason={t("neverStarted")} />;
  return (
    <span className="text-muted">
      {t.rich("took", {
        duration: () => (
          <Duration value={Date.parse(operation.endedAt ?? "") - Date.parse(operation.startedAt ?? "")} />
        ),
      })}
    </span>
  );
}
