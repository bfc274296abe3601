import { useTranslations } from "next-intl";
import type { OperationDto } from "@/lib/schemas/operation";

/** What an operation is called in the reader's language: its kind and what it works on. */
export function useOperationTitle(): (
  operation: Pick<OperationDto, "kind" | "title" | "datasetName">,
) => string {
  const t = useTranslations("operationPage");
  return ({ kind, title, datasetName }) =>
    datasetName && t.has(`titles.${kind}`) ? t(`titles.${kind}`, { name: datasetName }) : title;
}
