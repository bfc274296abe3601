import { useTranslations } from "next-intl";
import { Table, Td, Th } from "@/components/ui/table";
import type { BasisChange } from "@/lib/schemas/plan";

const isChanges = (value: unknown): value is BasisChange[] => Array.isArray(value);

/** The difference that made a plan stale, side by side. */
export function BasisChanges({ details }: { details?: Record<string, unknown> }) {
  const t = useTranslations("planPage");
  const changes = details?.changes;
  if (!isChanges(changes) || changes.length === 0) return null;
  return (
    <div className="mt-2">
      <Table caption={t("changed")} flush>
        <thead>
          <tr>
            <Th>{t("changed")}</Th>
            <Th>{t("planned")}</Th>
            <Th>{t("now")}</Th>
          </tr>
        </thead>
        <tbody>
          {changes.map((change) => (
            <tr key={change.name}>
              <Td>{change.name}</Td>
              <Td label={t("planned")}>{change.planned ?? "–"}</Td>
              <Td label={t("now")}>{change.now ?? "–"}</Td>
            </tr>
          ))}
        </tbody>
      </Table>
    </div>
  );
}
