import { getTranslations } from "next-intl/server";
import { found } from "@/app/(console)/attempt";
import { ColdActions } from "@/components/operations/cold-actions";
import { RelocateForm } from "@/components/operations/relocate-form";
import { PageFrame } from "@/components/shell/page-frame";
import { requireUser } from "@/lib/auth/page";
import { listColdPlaces } from "@/lib/services/datasets/cold-places";
import { getDataset } from "@/lib/services/datasets/get";

/** The cold tier of a dataset: where its segments lie, moving them elsewhere, and what their store offers. */
export default async function RelocatePage({ params }: { params: Promise<{ datasetId: string }> }) {
  const [user, { datasetId }, t] = await Promise.all([
    requireUser(),
    params,
    getTranslations("relocateForm"),
  ]);
  const [dataset, places] = await Promise.all([
    found(getDataset(user, { datasetId })),
    found(listColdPlaces(user, { datasetId })),
  ]);
  return (
    <PageFrame
      breadcrumbs={[
        { label: t("datasets"), href: "/datasets" },
        { label: dataset.name, href: `/datasets/${datasetId}` },
        { label: t("title") },
      ]}
    >
      <RelocateForm dataset={dataset} places={places} />
      {places.map((place) => (
        <ColdActions key={place.storeId} datasetId={datasetId} place={place} />
      ))}
    </PageFrame>
  );
}
