import { useTranslations } from "next-intl";
import { EmptyState } from "@/components/ui/empty-state";
import { Panel } from "@/components/ui/panel";
import { RowLink, Table, Td, Th } from "@/components/ui/table";
import type { DatasetDetailDto } from "@/lib/schemas/dataset";

/** What it hangs on and what hangs on it: a family moves together. */
export function FamilyTab({ dataset }: { dataset: DatasetDetailDto }) {
  const t = useTranslations("datasets");
  const rows = [
    ...(dataset.parentId
      ? [
          {
            datasetId: dataset.parentId,
            name: dataset.parentName ?? "",
            side: "parent" as const,
            link: dataset.parentLink,
          },
        ]
      : []),
    ...dataset.children.map((child) => ({ ...child, side: "child" as const })),
  ];
  return (
    <Panel title={t("family")} padding={rows.length > 0 ? "none" : "normal"}>
      {rows.length === 0 ? (
        <EmptyState title={t("noFamily")}>{t("noFamilyHint")}</EmptyState>
      ) : (
        <>
          <Table caption={t("family")}>
            <thead>
              <tr>
                <Th>{t("columns.name")}</Th>
                <Th>{t("relation")}</Th>
                <Th>{t("linkedBy")}</Th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={row.datasetId} data-link>
                  <Td>
                    <RowLink href={`/datasets/${row.datasetId}`}>{row.name}</RowLink>
                  </Td>
                  <Td label={t("relation")}>{t(row.side)}</Td>
                  <Td label={t("linkedBy")}>
                    {row.link && (
                      <code>
                        {row.link.column} → {row.link.parentColumn}
                      </code>
                    )}
                  </Td>
                </tr>
              ))}
            </tbody>
          </Table>
          <p className="border-t border-line px-4 py-2.5 text-sm text-muted">{t("familyHint")}</p>
        </>
      )}
    </Panel>
  );
}
