import { getTranslations } from "next-intl/server";
import { attempt } from "@/app/(console)/attempt";
import { FamilyTab } from "@/components/datasets/family-tab";
import { ForgetDataset } from "@/components/datasets/forget-dataset";
import { IndexTab } from "@/components/datasets/index-tab";
import { RolesForm } from "@/components/datasets/roles-form";
import { SegmentTab } from "@/components/datasets/segment-tab";
import { SpaceTab } from "@/components/datasets/space-tab";
import { OperationTable } from "@/components/operations/operation-table";
import { one, type SearchParams } from "@/components/stores/address";
import { Loaded } from "@/components/stores/loaded";
import { ButtonLink } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { allows } from "@/lib/auth/authorize";
import type { PageUser } from "@/lib/auth/page";
import type { ActionResult } from "@/lib/schemas/action";
import type { DatasetDetailDto, MonthsDto } from "@/lib/schemas/dataset";
import { listSegments } from "@/lib/services/datasets/segments";
import { listOperations } from "@/lib/services/operations/list";

export const DATASET_TABS = ["space", "indexes", "columns", "segments", "operations", "family"] as const;
type TabKey = (typeof DATASET_TABS)[number];

interface TabProps {
  user: PageUser;
  dataset: DatasetDetailDto;
  months: ActionResult<MonthsDto>;
  path: string;
  search: SearchParams;
}

/** What the chosen tab shows; only its own figures are read. */
export async function DatasetTab({ tab, ...props }: TabProps & { tab: TabKey }) {
  const { dataset, user } = props;
  switch (tab) {
    case "space":
      return <SpaceTab dataset={dataset} />;
    case "indexes":
      return <IndexTab dataset={dataset} />;
    case "columns": {
      const mayChange = allows(user.role, "dataset.write");
      return (
        <>
          <RolesForm dataset={dataset} mayChange={mayChange} />
          {mayChange && (
            <ForgetDataset
              datasetId={dataset.datasetId}
              name={dataset.name}
              childCount={dataset.childCount}
            />
          )}
        </>
      );
    }
    case "segments":
      return <Segments {...props} />;
    case "operations":
      return <Operations {...props} />;
    case "family":
      return <FamilyTab dataset={dataset} />;
  }
}

async function Segments({ user, dataset, months, path, search }: TabProps) {
  const month = one(search, "month");
  const cursor = one(search, "cursor");
  const page = await attempt(
    "segments",
    listSegments(user, {
      datasetId: dataset.datasetId,
      cursor,
      ...(month && /^\d{4}-\d{2}$/.test(month) ? { month } : {}),
    }),
  );
  const cold = months.ok ? months.data.months.filter((figures) => figures.coldRows > 0) : [];
  return (
    <Loaded part={page}>
      {(data) => (
        <SegmentTab
          page={data}
          months={cold.map((figures) => figures.month)}
          path={path}
          search={search}
          paged={Boolean(cursor)}
        />
      )}
    </Loaded>
  );
}

async function Operations({ user, dataset, path }: TabProps) {
  const [t, part] = await Promise.all([
    getTranslations("datasets"),
    attempt("operations", listOperations(user, { datasetId: dataset.datasetId })),
  ]);
  return (
    <Loaded part={part}>
      {(page) =>
        page.items.length === 0 ? (
          <EmptyState
            title={t("noOperations")}
            action={
              <ButtonLink href={`${path}/archive`} tone="primary">
                {t("archive")}
              </ButtonLink>
            }
          >
            {t("noOperationsHint")}
          </EmptyState>
        ) : (
          <>
            <OperationTable operations={page.items} />
            {page.next && (
              <ButtonLink
                size="sm"
                className="self-start"
                href={`/operations?datasetId=${dataset.datasetId}`}
              >
                {t("allOperations")}
              </ButtonLink>
            )}
          </>
        )
      }
    </Loaded>
  );
}
