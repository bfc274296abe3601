import { useTranslations } from "next-intl";
import { TierBadge } from "@/components/ui/badge";
import { Code } from "@/components/ui/figures";
import { Panel } from "@/components/ui/panel";
import { RowLink } from "@/components/ui/table";
import { DateTime } from "@/components/ui/time-ago";
import { visibleText } from "@/lib/format/visible";
import type { RecordDto, RecordRow } from "@/lib/schemas/record";
import { recordHref } from "./record-address";
import { RecordColumns } from "./record-columns";
import { recordTime } from "./record-time";

type Member = RecordDto["family"][number];

/** The row it hangs on and the rows that hang on it, in order, each to be opened. */
export function RecordFamily({ family, terms }: { family: readonly Member[]; terms: readonly string[] }) {
  return family
    .filter((member) => member.rows.length > 0)
    .map((member) => (
      <FamilyPanel key={`${member.relation} ${member.datasetId}`} member={member} terms={terms} />
    ));
}

function FamilyPanel({ member, terms }: { member: Member; terms: readonly string[] }) {
  const t = useTranslations("record");
  return (
    <Panel
      padding="none"
      title={t(`family.${member.relation}`, { dataset: member.dataset })}
      unit={member.relation === "child" ? member.rows.length : undefined}
    >
      <ol className="divide-y divide-line">
        {member.rows.map((row) => (
          <FamilyRow key={JSON.stringify(row.key)} row={row} terms={terms} />
        ))}
      </ol>
    </Panel>
  );
}

/** Names that say most about a node, where the table has them. */
const NAMES = ["title", "name", "node_type", "type", "model_id", "event"];

function FamilyRow({ row, terms }: { row: RecordRow; terms: readonly string[] }) {
  const t = useTranslations("record");
  const value = (name: string) => row.columns.find((column) => column.name === name)?.value;
  const status = row.columns.find((column) => column.role === "status")?.value ?? value("status");
  const title = NAMES.map(value).find(Boolean) ?? row.key.join(" · ");
  return (
    <li>
      <details className="group">
        <summary className="flex min-h-9 cursor-pointer flex-wrap items-center gap-x-3 gap-y-1 px-4 py-1.5 text-sm hover:bg-hover">
          <span aria-hidden className="text-muted transition-transform group-open:rotate-90">
            ›
          </span>
          <bdi className="min-w-0 truncate font-medium">{visibleText(title)}</bdi>
          {status && <span className="text-xs text-muted">{visibleText(status)}</span>}
          <span className="ml-auto flex flex-wrap items-center gap-3 text-xs text-muted">
            {row.at !== null &&
              (recordTime(row.at) ? <DateTime value={recordTime(row.at)} /> : visibleText(row.at))}
            <TierBadge tier={row.tier} />
          </span>
        </summary>
        <div className="border-t border-line">
          <p className="px-4 pt-2 text-xs text-muted">
            <RowLink href={recordHref(row)} prefetch={false}>
              {t("openRow")}
            </RowLink>{" "}
            <Code>{row.key.map(visibleText).join(" · ")}</Code>
          </p>
          <RecordColumns
            columns={row.columns}
            terms={terms}
            caption={t("columnsOf", { dataset: row.dataset })}
          />
        </div>
      </details>
    </li>
  );
}
