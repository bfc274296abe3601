import { useTranslations } from "next-intl";
import { Code } from "@/components/ui/figures";
import { Panel } from "@/components/ui/panel";
import { Table, Td, Th } from "@/components/ui/table";
import { DateTime } from "@/components/ui/time-ago";
import type { OperationDetailDto } from "@/lib/schemas/operation";

/** Rows that could not be handled, each with its reason. They are where they were. */
export function QuarantinePanel({ rows, count }: { rows: OperationDetailDto["quarantine"]; count: number }) {
  const t = useTranslations("operationPage");
  if (count === 0) return null;
  return (
    <Panel title={t("quarantine")} unit={t("quarantineCount", { count })} tone="warn">
      <Table caption={t("quarantine")} flush>
        <thead>
          <tr>
            <Th>{t("key")}</Th>
            <Th>{t("why")}</Th>
            <Th>{t("when")}</Th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={`${row.rowKey.join("\u0000")}${row.at}`}>
              <Td>
                <Code>{row.rowKey.join(", ")}</Code>
              </Td>
              <Td label={t("why")}>{row.reason}</Td>
              <Td label={t("when")}>
                <DateTime value={row.at} />
              </Td>
            </tr>
          ))}
        </tbody>
      </Table>
    </Panel>
  );
}
