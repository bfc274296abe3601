import Link from "next/link";
import { useTranslations } from "next-intl";
import { StateBadge } from "@/components/ui/badge";
import type { DatasetDetailDto } from "@/lib/schemas/dataset";

/** Where it lies, what works on it, what the policy keeps. */
export function SubjectLine({ dataset }: { dataset: DatasetDetailDto }) {
  const t = useTranslations("datasets");
  return (
    <p className="flex flex-wrap items-center gap-x-4 gap-y-1 text-sm">
      <Link href={`/stores/${dataset.storeId}`} className="hover:text-accent hover:underline">
        {dataset.storeName}
      </Link>
      <StateBadge state={dataset.storeState} />
      <code className="text-muted">
        {dataset.schemaName}.{dataset.tableName}
      </code>
      <span className="text-muted">
        {dataset.parentId
          ? t("withParentOf", { name: dataset.parentName ?? "" })
          : dataset.keepDays === null
            ? t("noPolicy")
            : t("policy", { days: dataset.keepDays })}
      </span>
      {!dataset.writesEnabled && <span className="text-muted">{t("storeReadOnly")}</span>}
      {dataset.operationId && (
        <Link href={`/operations/${dataset.operationId}`} className="hover:underline">
          <StateBadge state="running">{t("atWork")}</StateBadge>
        </Link>
      )}
    </p>
  );
}
