"use client";
import { useTranslations } from "next-intl";
import { useShownError } from "@/components/live/use-action";
import { ReasonText } from "@/components/operations/reason-text";
import { ButtonLink } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { TimeAgo } from "@/components/ui/time-ago";
import type { OperationDetailDto } from "@/lib/schemas/operation";
import { BasisChanges } from "./basis-changes";

type Props = { operation: OperationDetailDto };

/** What is wrong or unusual, in words, and what it means for the data. */
export function OperationNotices({ operation }: Props) {
  const t = useTranslations("operationPage");
  return (
    <>
      {operation.stalled && (
        <Notice tone="bad" title={t("stalledTitle")}>
          {t.rich("stalled", { ago: () => <TimeAgo value={operation.heartbeatAt} /> })}
        </Notice>
      )}
      {operation.state === "waiting" && (
        <Notice tone="warn" title={t("waitingTitle")}>
          {operation.waitingFor && <ReasonText text={operation.waitingFor} />} {t("waiting")}
        </Notice>
      )}
      {operation.state === "queued" && operation.waitingFor && (
        <Notice tone="info" title={t("waitingTitle")}>
          <ReasonText text={operation.waitingFor} />
        </Notice>
      )}
      {operation.state === "paused" && <Notice tone="warn">{t("paused")}</Notice>}
      {operation.state === "partial" && (
        <Notice tone="warn" title={t("partialTitle")}>
          {t("partial", { count: operation.quarantineCount })}
        </Notice>
      )}
      {operation.state === "cancelled" && (
        <Notice tone="info">{t(operation.proof ? "cancelled" : "cancelledEarly")}</Notice>
      )}
      {operation.error && operation.state === "failed" && <Failure operation={operation} />}
    </>
  );
}

function Failure({ operation }: Props) {
  const t = useTranslations("operationPage");
  const shown = useShownError();
  if (!operation.error) return null;
  const error = shown(operation.error);
  const again =
    operation.datasetId && ["archive", "restore", "optimize", "relocate"].includes(operation.kind);
  return (
    <Notice
      tone="bad"
      title={t("failedTitle")}
      actions={
        again && (
          <ButtonLink size="sm" href={`/datasets/${operation.datasetId}/${operation.kind}`}>
            {t("planAgain")}
          </ButtonLink>
        )
      }
    >
      {error.message}{" "}
      {operation.kind === "archive" || operation.kind === "restore"
        ? t(movedRows(operation) === 0 ? "nothingMoved" : "someMoved", { count: movedRows(operation) })
        : null}{" "}
      {error.ref && <code className="text-muted">{t("ref", { ref: error.ref })}</code>}
      <BasisChanges details={error.details} />
    </Notice>
  );
}

/** The proof knows of the batch that was brought to its end last; the progress does not. */
const movedRows = ({ proof, doneRows }: OperationDetailDto): number =>
  proof?.ending ? proof.lines.reduce((sum, { rows }) => sum + Number(rows.target), 0) : doneRows;
