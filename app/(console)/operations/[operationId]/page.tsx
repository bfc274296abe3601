import { getTranslations } from "next-intl/server";
import { found } from "@/app/(console)/attempt";
import { MarkSeen } from "@/components/operations/mark-seen";
import { OperationView } from "@/components/operations/operation-view";
import { PageFrame } from "@/components/shell/page-frame";
import { ButtonLink } from "@/components/ui/button";
import { requireUser } from "@/lib/auth/page";
import { getOperation } from "@/lib/services/operations/get";
import { listLines } from "@/lib/services/operations/lines";
import { listRates } from "@/lib/services/operations/rates";

const FIRST_LINES = 500;

export default async function OperationPage({ params }: { params: Promise<{ operationId: string }> }) {
  const [user, { operationId }, t] = await Promise.all([
    requireUser(),
    params,
    getTranslations("operationPage"),
  ]);
  const [operation, lines, rates] = await Promise.all([
    found(getOperation(user, { operationId })),
    listLines(user, { operationId, limit: FIRST_LINES }),
    listRates(user, { operationId }),
  ]);
  const title = operation.datasetName
    ? t(`titles.${operation.kind}`, { name: operation.datasetName })
    : operation.title;
  return (
    <PageFrame
      breadcrumbs={[{ label: t("operations"), href: "/operations" }, { label: title }]}
      actions={
        operation.datasetId && (
          <ButtonLink href={`/datasets/${operation.datasetId}`}>{t("toDataset")}</ButtonLink>
        )
      }
    >
      {operation.state === "failed" && !operation.seenAt && <MarkSeen operationId={operationId} />}
      <OperationView operation={operation} lines={lines} rates={rates} mayOperate={user.role !== "viewer"} />
    </PageFrame>
  );
}
