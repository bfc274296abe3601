import { notFound } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { found } from "@/app/(console)/attempt";
import { ManageForm } from "@/components/datasets/manage-form";
import { StoreChoice } from "@/components/datasets/store-choice";
import { PageFrame } from "@/components/shell/page-frame";
import { one, type SearchParams } from "@/components/stores/address";
import { freeName } from "@/components/stores/free-name";
import { BlockList } from "@/components/stores/table-list";
import { ButtonLink } from "@/components/ui/button";
import { Bytes, Estimate } from "@/components/ui/figures";
import { Notice } from "@/components/ui/notice";
import { allows } from "@/lib/auth/authorize";
import { type PageUser, requireUser } from "@/lib/auth/page";
import { listDatasets } from "@/lib/services/datasets/list";
import { getStore } from "@/lib/services/stores/get";
import { listStores } from "@/lib/services/stores/list";
import { listTables } from "@/lib/services/stores/tables";

/** A table to be managed: first which store, then (from its tables) the form with the guessed roles. */
export default async function NewDatasetPage({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const [user, search, t] = await Promise.all([requireUser(), searchParams, getTranslations("datasets")]);
  const [storeId, schema, name] = [one(search, "store"), one(search, "schema"), one(search, "table")];
  const crumbs = [{ label: t("title"), href: "/datasets" }];
  if (!allows(user.role, "dataset.write"))
    return (
      <PageFrame breadcrumbs={[...crumbs, { label: t("add") }]}>
        <Notice tone="info">{t("viewerHint")}</Notice>
      </PageFrame>
    );
  if (!storeId || !schema || !name)
    return (
      <PageFrame breadcrumbs={[...crumbs, { label: t("add") }]}>
        <StoreChoice
          stores={await listStores(user, { ability: "rows" })}
          mayAdd={allows(user.role, "store.write")}
        />
      </PageFrame>
    );
  return (
    <PageFrame breadcrumbs={[...crumbs, { label: t("manageTable", { name }) }]}>
      <Manage user={user} storeId={storeId} schema={schema} name={name} />
    </PageFrame>
  );
}

async function Manage({
  user,
  storeId,
  schema,
  name,
}: {
  user: PageUser;
  storeId: string;
  schema: string;
  name: string;
}) {
  const [t, tables, datasets, store] = await Promise.all([
    getTranslations("datasets"),
    found(listTables(user, { storeId })),
    listDatasets(user, {}),
    found(getStore(user, { storeId })),
  ]);
  const table = tables.find((candidate) => candidate.schema === schema && candidate.name === name);
  if (!table) notFound();
  const stopped = table.proposal.blocks.some((block) => block.severity === "stop");
  const own = datasets.filter((dataset) => dataset.storeId === storeId);
  const parents = own.flatMap((dataset) => {
    const listed = tables.find((one) => one.schema === dataset.schemaName && one.name === dataset.tableName);
    return listed ? [{ ...dataset, columns: listed.proposal.columns.map((column) => column.name) }] : [];
  });
  return (
    <>
      <p className="flex flex-wrap gap-x-4 text-sm text-muted">
        <code>
          {schema}.{name}
        </code>
        <Bytes value={table.sizeBytes} />
        <span>
          {t.rich("rowsCount", {
            rows: () => <Estimate value={table.rowCount} reason={t("neverAnalyzed")} />,
          })}
        </span>
      </p>
      {table.proposal.blocks.length > 0 && (
        <Notice tone={stopped ? "bad" : "info"}>
          <BlockList blocks={table.proposal.blocks} />
        </Notice>
      )}
      {table.proposal.parent &&
        !own.some((dataset) => dataset.tableName === table.proposal.parent?.table) && (
          <Notice
            tone="info"
            actions={
              <ButtonLink size="sm" href={`/stores/${storeId}?tab=tables`}>
                {t("toTables")}
              </ButtonLink>
            }
          >
            {t("parentMissing", { parent: table.proposal.parent.table })}
          </Notice>
        )}
      {!stopped && (
        <ManageForm
          storeId={storeId}
          table={table}
          suggestedName={freeName(table.proposal.name, store.name, new Set(datasets.map((one) => one.name)))}
          parents={parents.map(({ datasetId, name: parentName, schemaName, tableName, columns }) => ({
            datasetId,
            name: parentName,
            schemaName,
            tableName,
            columns,
          }))}
        />
      )}
    </>
  );
}
