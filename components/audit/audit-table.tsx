import { useTranslations } from "next-intl";
import { Table, TableFrame, Th } from "@/components/ui/table";
import type { AuditDto } from "@/lib/schemas/audit";
import { AuditRow } from "./audit-row";

/** What was done, newest first. */
export function AuditTable({ entries }: { entries: readonly AuditDto[] }) {
  const t = useTranslations("audit");
  return (
    <TableFrame>
      <Table caption={t("title")}>
        <thead>
          <tr>
            <Th>{t("when")}</Th>
            <Th>{t("actor")}</Th>
            <Th>{t("action")}</Th>
            <Th>{t("subject")}</Th>
            <Th>{t("reason")}</Th>
            <Th>{t("outcome")}</Th>
            <Th />
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => (
            <AuditRow key={entry.auditId} entry={entry} />
          ))}
        </tbody>
      </Table>
    </TableFrame>
  );
}
