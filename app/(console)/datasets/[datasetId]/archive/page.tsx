import { getTranslations } from "next-intl/server";
import { found } from "@/app/(console)/attempt";
import { ArchiveForm } from "@/components/operations/archive-form";
import { CannotNotice } from "@/components/operations/cannot-notice";
import { PageFrame } from "@/components/shell/page-frame";
import { requireUser } from "@/lib/auth/page";
import { getDataset } from "@/lib/services/datasets/get";

export default async function ArchivePage({ params }: { params: Promise<{ datasetId: string }> }) {
  const [user, { datasetId }, t] = await Promise.all([requireUser(), params, getTranslations("archiveForm")]);
  const dataset = await found(getDataset(user, { datasetId }));
  return (
    <PageFrame
      breadcrumbs={[
        { label: t("datasets"), href: "/datasets" },
        { label: dataset.name, href: `/datasets/${datasetId}` },
        { label: t("title") },
      ]}
    >
      <CannotNotice dataset={dataset} role={user.role} reads={dataset.leavesBy === "expiry"} />
      <ArchiveForm dataset={dataset} />
    </PageFrame>
  );
}
