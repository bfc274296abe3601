import { useTranslations } from "next-intl";
import { ButtonLink } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import type { DatasetDetailDto } from "@/lib/schemas/dataset";
import type { Role } from "@/lib/schemas/user";

/** Said before the form is filled in: what would refuse it in the end. `reads`: nothing is written to the store. */
export function CannotNotice({
  dataset,
  role,
  reads = false,
}: {
  dataset: DatasetDetailDto;
  role: Role;
  reads?: boolean;
}) {
  const t = useTranslations("cannot");
  if (role === "viewer") return <Notice tone="info">{t("viewer")}</Notice>;
  if (dataset.storeState === "unreachable")
    return <Notice tone="bad">{t("unreachable", { store: dataset.storeName })}</Notice>;
  if (!dataset.writesEnabled && !reads)
    return (
      <Notice
        tone="warn"
        actions={
          <ButtonLink size="sm" href={`/stores/${dataset.storeId}`}>
            {t("toStore")}
          </ButtonLink>
        }
      >
        {t("readOnly", { store: dataset.storeName })}
      </Notice>
    );
  if (dataset.operationId)
    return (
      <Notice
        tone="info"
        actions={
          <ButtonLink size="sm" href={`/operations/${dataset.operationId}`}>
            {t("toOperation")}
          </ButtonLink>
        }
      >
        {t("busy", { name: dataset.name })}
      </Notice>
    );
  return null;
}
