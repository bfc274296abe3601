import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { SearchView } from "@/components/search/search-view";
import { PageFrame } from "@/components/shell/page-frame";
import { requireUser } from "@/lib/auth/page";
import { listDatasets } from "@/lib/services/datasets/list";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("search"))("title") };
}

/** The search itself streams to the browser; this page brings what can be chosen. */
export default async function SearchPage() {
  const [user, t] = await Promise.all([requireUser(), getTranslations("search")]);
  const datasets = await listDatasets(user);
  return (
    <PageFrame breadcrumbs={[{ label: t("title") }]}>
      <SearchView
        datasets={datasets.map(({ datasetId, name }) => ({ datasetId, name }))}
        mayOperate={user.role !== "viewer"}
      />
    </PageFrame>
  );
}
