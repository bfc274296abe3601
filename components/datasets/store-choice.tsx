import { Database } from "lucide-react";
import { useTranslations } from "next-intl";
import { StateBadge } from "@/components/ui/badge";
import { ButtonLink } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { Bytes } from "@/components/ui/figures";
import { RowLink, Table, TableFrame, Td, Th } from "@/components/ui/table";
import type { StoreDto } from "@/lib/schemas/store";

/** Of stores with tables: which one the table lies in; its page lists the tables with what Strata would make of them. */
export function StoreChoice({ stores, mayAdd }: { stores: readonly StoreDto[]; mayAdd: boolean }) {
  const t = useTranslations("datasets");
  if (stores.length === 0)
    return (
      <EmptyState
        icon={<Database aria-hidden size={20} />}
        title={t("noStore")}
        action={
          mayAdd && (
            <ButtonLink href="/stores/new" tone="primary">
              {t("addStore")}
            </ButtonLink>
          )
        }
      >
        {t("noStoreHint")}
      </EmptyState>
    );
  return (
    <>
      <p className="text-sm text-muted">{t("chooseStore")}</p>
      <TableFrame>
        <Table caption={t("chooseStore")}>
          <thead>
            <tr>
              <Th>{t("columns.store")}</Th>
              <Th>{t("state")}</Th>
              <Th align="end">{t("size")}</Th>
              <Th align="end">{t("datasetCount")}</Th>
            </tr>
          </thead>
          <tbody>
            {stores.map((store) => (
              <tr key={store.storeId} data-link>
                <Td>
                  <RowLink href={`/stores/${store.storeId}?tab=tables`}>{store.name}</RowLink>
                </Td>
                <Td label={t("state")}>
                  <StateBadge state={store.state} />
                </Td>
                <Td align="end" label={t("size")}>
                  <Bytes value={store.sizeBytes} />
                </Td>
                <Td align="end" label={t("datasetCount")}>
                  {store.datasetCount}
                </Td>
              </tr>
            ))}
          </tbody>
        </Table>
      </TableFrame>
    </>
  );
}
