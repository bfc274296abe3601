import { useTranslations } from "next-intl";
import { Panel } from "@/components/ui/panel";
import { Table, Td, Th } from "@/components/ui/table";
import type { PlanBody } from "@/lib/schemas/plan";

const SHOWN = 100;

/** Rows that a restore would leave alone, because the table holds something else under their key. */
export function PlanConflicts({ conflicts }: { conflicts: PlanBody["conflicts"] }) {
  const t = useTranslations("planPage");
  if (conflicts.length === 0) return null;
  return (
    <Panel title={t("conflicts")} unit={t("conflictCount", { count: conflicts.length })} tone="warn">
      <p className="mb-2 text-sm text-muted">{t("conflictHint")}</p>
      <Table caption={t("conflicts")} flush>
        <thead>
          <tr>
            <Th>{t("key")}</Th>
            <Th>{t("why")}</Th>
          </tr>
        </thead>
        <tbody>
          {conflicts.slice(0, SHOWN).map((conflict) => (
            <tr key={conflict.key.join("\u0000")}>
              <Td>
                <code className="[overflow-wrap:anywhere]">{conflict.key.join(", ")}</code>
              </Td>
              <Td label={t("why")}>
                {t.has(`conflictReasons.${conflict.reason}`)
                  ? t(`conflictReasons.${conflict.reason}`)
                  : conflict.reason}
              </Td>
            </tr>
          ))}
        </tbody>
      </Table>
    </Panel>
  );
}
