import { getTranslations } from "next-intl/server";
import { found } from "@/app/(console)/attempt";
import { CannotNotice } from "@/components/operations/cannot-notice";
import { RestoreForm } from "@/components/operations/restore-form";
import { PageFrame } from "@/components/shell/page-frame";
import { requireUser } from "@/lib/auth/page";
import { getDataset } from "@/lib/services/datasets/get";

type Search = { key?: string | string[]; from?: string };

/** `key` is a row's key as JSON, once per row: how a search result comes here. */
function keysOf(key: Search["key"]): string[][] {
  return (Array.isArray(key) ? key : key ? [key] : []).flatMap((text) => {
    try {
      const parsed: unknown = JSON.parse(text);
      return Array.isArray(parsed) && parsed.every((part) => typeof part === "string") ? [parsed] : [];
    } catch {
      return [];
    }
  });
}

export default async function RestorePage({
  params,
  searchParams,
}: {
  params: Promise<{ datasetId: string }>;
  searchParams: Promise<Search>;
}) {
  const [user, { datasetId }, search, t] = await Promise.all([
    requireUser(),
    params,
    searchParams,
    getTranslations("restoreForm"),
  ]);
  const dataset = await found(getDataset(user, { datasetId }));
  return (
    <PageFrame
      breadcrumbs={[
        { label: t("datasets"), href: "/datasets" },
        { label: dataset.name, href: `/datasets/${datasetId}` },
        { label: t("title") },
      ]}
    >
      <CannotNotice dataset={dataset} role={user.role} />
      <RestoreForm
        dataset={dataset}
        keys={keysOf(search.key)}
        from={search.from === "archive" || search.from === "cold" ? search.from : undefined}
      />
    </PageFrame>
  );
}
