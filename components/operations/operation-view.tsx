"use client";
import { useTranslations } from "next-intl";
import { LiveMark } from "@/components/live/live-mark";
import { Panel } from "@/components/ui/panel";
import { ENDED_STATES, type LineDto, type OperationDetailDto, type RatePoint } from "@/lib/schemas/operation";
import { OperationControls } from "./operation-controls";
import { OperationFacts } from "./operation-facts";
import { OperationHead } from "./operation-head";
import { OperationLog } from "./operation-log";
import { OperationNotices } from "./operation-notices";
import { ProofPanel } from "./proof-panel";
import { QuarantinePanel } from "./quarantine-panel";
import { RateChart } from "./rate-chart";
import { useOperation } from "./use-operation";
import { useOperationTitle } from "./use-operation-title";

interface Props {
  operation: OperationDetailDto;
  lines: LineDto[];
  rates: RatePoint[];
  mayOperate: boolean;
}

/** Beside the rates, or alone when no batch was ever measured. */
const split = (alone: boolean): string =>
  `grid items-start gap-4 ${alone ? "" : "lg:grid-cols-[minmax(0,5fr)_minmax(0,3fr)]"}`;

/** One operation, live: how far, how fast, why not faster, and in the end the proof. */
export function OperationView({ mayOperate, ...initial }: Props) {
  const t = useTranslations("operationPage");
  const { operation, lines, rates, stream } = useOperation(initial);
  const ended = ENDED_STATES.includes(operation.state);
  const titleOf = useOperationTitle();
  return (
    <>
      <OperationHead operation={operation} />
      <OperationNotices operation={operation} />
      {operation.proof && <ProofPanel proof={operation.proof} title={titleOf(operation)} />}
      <div className={split(ended && rates.length === 0)}>
        {!(ended && rates.length === 0) && (
          <Panel title={t("rate")} unit={t("rateUnit")} actions={!ended && <LiveMark state={stream} />}>
            <RateChart rates={rates} unit={operation.totalBytes ? "bytes" : "rows"} />
          </Panel>
        )}
        {ended || !mayOperate ? (
          <OperationFacts operation={operation} />
        ) : (
          <OperationControls operation={operation} />
        )}
      </div>
      <QuarantinePanel rows={operation.quarantine} count={operation.quarantineCount} />
      <OperationLog operationId={operation.operationId} lines={lines} following={!ended} />
    </>
  );
}
