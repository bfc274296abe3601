import { useTranslations } from "next-intl";
import { Badge } from "@/components/ui/badge";
import { ButtonLink } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { Bytes, Estimate } from "@/components/ui/figures";
import { Panel } from "@/components/ui/panel";
import { RowLink, Table, Td, Th } from "@/components/ui/table";
import { TimeAgo } from "@/components/ui/time-ago";
import type { StoreTableDto, TableBlock } from "@/lib/schemas/store";
import { FamilyProposal } from "./family-proposal";
import { manageHref } from "./manage-href";

export interface TableProposals {
  families: { preset: string; members: StoreTableDto[] }[];
}

/** Families of one application in one schema are managed together, with one button. */
function byApplication(families: TableProposals["families"]): TableProposals["families"] {
  const groups = new Map<string, TableProposals["families"][number]>();
  for (const { preset, members } of families) {
    const key = `${preset}:${members[0]?.schema}`;
    const group = groups.get(key) ?? { preset, members: [] };
    group.members.push(...members);
    groups.set(key, group);
  }
  return [...groups.values()].sort((a, b) => b.members.length - a.members.length);
}

/** A store's tables: families first, then every table with its size, and what cannot be done with it and why. */
export function TableList({
  storeId,
  tables,
  families,
  tablesAt,
  mayManage,
}: {
  storeId: string;
  tables: readonly StoreTableDto[];
  families: TableProposals["families"];
  tablesAt: string | null;
  mayManage: boolean;
}) {
  const t = useTranslations("stores");
  if (tables.length === 0)
    return (
      <Panel title={t("tables")}>
        <EmptyState title={t(tablesAt ? "noTables" : "notListed")}>
          {t(tablesAt ? "noTablesHint" : "notListedHint")}
        </EmptyState>
      </Panel>
    );
  return (
    <>
      {byApplication(families).map((family, index) => (
        <FamilyProposal
          key={`${family.preset}:${family.members[0]?.schema}`}
          tone={index === 0 ? "primary" : "secondary"}
          storeId={storeId}
          preset={family.preset}
          members={family.members}
          mayManage={mayManage}
        />
      ))}
      <Panel
        padding="none"
        title={t("allTables")}
        unit={
          <>
            {tables.length} · {t.rich("listedAgo", { ago: () => <TimeAgo value={tablesAt} /> })}
          </>
        }
      >
        <Table caption={t("allTables")}>
          <thead>
            <tr>
              <Th>{t("table")}</Th>
              <Th align="end">{t("rows")}</Th>
              <Th align="end">{t("columns.size")}</Th>
              <Th>{t("whatItCannot")}</Th>
              <Th />
            </tr>
          </thead>
          <tbody>
            {tables.map((table) => (
              <TableRow
                key={`${table.schema}.${table.name}`}
                storeId={storeId}
                table={table}
                mayManage={mayManage}
              />
            ))}
          </tbody>
        </Table>
      </Panel>
    </>
  );
}

function TableRow({
  storeId,
  table,
  mayManage,
}: {
  storeId: string;
  table: StoreTableDto;
  mayManage: boolean;
}) {
  const t = useTranslations("stores");
  const stopped = table.proposal.blocks.some((block) => block.severity === "stop");
  return (
    <tr>
      <Td>
        <code>
          <span className="text-muted">{table.schema}.</span>
          {table.name}
        </code>{" "}
        {table.kind !== "table" && <Badge>{t(`tableKinds.${table.kind}`)}</Badge>}
      </Td>
      <Td align="end" label={t("rows")}>
        <Estimate value={table.rowCount} reason={t("neverAnalyzed")} />
      </Td>
      <Td align="end" label={t("columns.size")}>
        <Bytes value={table.sizeBytes} />
      </Td>
      <Td label={t("whatItCannot")}>
        <BlockList blocks={table.proposal.blocks} />
      </Td>
      <Td align="end">
        {table.datasetId ? (
          <RowLink href={`/datasets/${table.datasetId}`}>{t("openDataset")}</RowLink>
        ) : (
          !stopped &&
          mayManage && (
            <ButtonLink size="sm" href={manageHref(storeId, table)}>
              {t("manage")}
            </ButtonLink>
          )
        )}
      </Td>
    </tr>
  );
}

/** What cannot be done with a table, and why. */
export function BlockList({ blocks }: { blocks: readonly TableBlock[] }) {
  const t = useTranslations("datasets");
  if (blocks.length === 0) return <span className="text-xs text-muted">{t("noBlocks")}</span>;
  return (
    <ul className="flex max-w-xl flex-col gap-0.5 text-xs text-muted">
      {blocks.map((block) => (
        <li key={block.key}>
          {t(`blocks.${block.key}`, block.details)}{" "}
          {block.cannot.length > 0 && (
            <span className={block.severity === "stop" ? "text-bad" : "text-warn"}>
              {t("cannotDo", { what: block.cannot.map((what) => t(`cannot.${what}`)).join(t("comma")) })}
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}
