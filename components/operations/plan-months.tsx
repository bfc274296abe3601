import { useTranslations } from "next-intl";
import { Badge } from "@/components/ui/badge";
import { Bytes, Count, Estimate } from "@/components/ui/figures";
import { Panel, PanelHeading } from "@/components/ui/panel";
import { Table, Td, Th } from "@/components/ui/table";
import type { PlanMember } from "@/lib/schemas/plan";

/** Rows and bytes per month, one table per member of the family. */
export function PlanMonths({ members, exact }: { members: readonly PlanMember[]; exact: boolean }) {
  const t = useTranslations("planPage");
  return (
    <Panel title={t("byMonth")} unit={exact ? t("counted") : t("estimated")}>
      {members.map((member, index) =>
        index === 0 ? (
          <div key={member.datasetId} className="min-w-0">
            {members.length > 1 && <PanelHeading>{member.name}</PanelHeading>}
            <MonthTable member={member} exact={exact} />
          </div>
        ) : (
          <Child key={member.datasetId} member={member} exact={exact} />
        ),
      )}
    </Panel>
  );
}

/** What moves with the root: its sum in sight, its months on request. */
function Child({ member, exact }: { member: PlanMember; exact: boolean }) {
  const t = useTranslations("planPage");
  const Figure = exact ? Count : Estimate;
  return (
    <details className="mt-3 min-w-0 border-t border-line pt-2.5">
      <summary className="cursor-pointer text-sm">
        <span className="font-semibold">{member.name}</span>{" "}
        <span className="text-muted">
          {t.rich("movesAlong", {
            rows: () => <Figure value={member.rowCount} />,
            bytes: () => <Bytes value={member.sizeBytes} />,
          })}
        </span>
      </summary>
      <MonthTable member={member} exact={exact} />
    </details>
  );
}

function MonthTable({ member, exact }: { member: PlanMember; exact: boolean }) {
  const t = useTranslations("planPage");
  if (member.months.length === 0) return <p className="py-2 text-sm text-muted">{t("noRows")}</p>;
  const Figure = exact ? Count : Estimate;
  return (
    <Table caption={t("byMonthOf", { name: member.name })} flush>
      <thead>
        <tr>
          <Th>{t("month")}</Th>
          <Th align="end">{t("rows")}</Th>
          <Th align="end">{t("bytes")}</Th>
        </tr>
      </thead>
      <tbody>
        {member.months.map((month) => (
          <tr key={month.month}>
            <Td>
              {month.month} {month.late && <Badge title={t("lateHint")}>{t("late")}</Badge>}
            </Td>
            <Td align="end" label={t("rows")}>
              <Figure value={month.rowCount} />
            </Td>
            <Td align="end" label={t("bytes")}>
              <Bytes value={month.sizeBytes} />
            </Td>
          </tr>
        ))}
        {member.months.length > 1 && (
          <tr className="font-semibold">
            <Td>{t("total")}</Td>
            <Td align="end" label={t("rows")}>
              <Figure value={member.rowCount} />
            </Td>
            <Td align="end" label={t("bytes")}>
              <Bytes value={member.sizeBytes} />
            </Td>
          </tr>
        )}
      </tbody>
    </Table>
  );
}
