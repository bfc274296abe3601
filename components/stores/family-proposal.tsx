"use client";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useCallback } from "react";
import { toast } from "sonner";
import { useAction } from "@/components/live/use-action";
import { Button } from "@/components/ui/button";
import { Bytes, Estimate } from "@/components/ui/figures";
import { Notice } from "@/components/ui/notice";
import { Panel } from "@/components/ui/panel";
import { RowLink, Table, Td, Th } from "@/components/ui/table";
import { createFamily } from "@/lib/actions/datasets";
import type { StoreTableDto } from "@/lib/schemas/store";
import { manageHref } from "./manage-href";
import { RoleWords } from "./role-words";

/** Tables of one known application, their roles filled in: managed with one button. */
export function FamilyProposal({
  storeId,
  preset,
  members,
  tone,
  mayManage,
}: {
  storeId: string;
  preset: string;
  members: readonly StoreTableDto[];
  /** One primary button on the page. */
  tone: "primary" | "secondary";
  mayManage: boolean;
}) {
  const t = useTranslations("stores");
  const router = useRouter();
  const done = useCallback(
    (datasets: readonly { datasetId: string }[]) => {
      toast.success(t("managed", { count: datasets.length }));
      router.refresh();
    },
    [router, t],
  );
  const { run, pending, error } = useAction(createFamily, done);
  const application = t.has(`presets.${preset}`) ? t(`presets.${preset}`) : preset;
  const manage = () =>
    run({
      storeId,
      members: members.map(({ schema, name, proposal }) => ({
        schemaName: schema,
        tableName: name,
        name: proposal.name,
        preset: proposal.preset,
        roles: proposal.roles,
        keepDays: proposal.keepDays,
        parentTable: proposal.parent?.table ?? null,
        parentLink: proposal.parent && {
          column: proposal.parent.column,
          parentColumn: proposal.parent.parentColumn,
        },
      })),
    });
  return (
    <Panel
      padding="none"
      title={t("familyOf", { application })}
      unit={members.length}
      actions={
        <Button tone={tone} size="sm" pending={pending} disabled={!mayManage} onClick={manage}>
          {t("manageAll", { count: members.length, application })}
        </Button>
      }
    >
      {error && (
        <Notice tone="bad" className="mx-4 mb-2">
          {error.message} {error.code === "bad_input" && Object.values(error.fields).join(" ")}
        </Notice>
      )}
      <Table caption={t("familyOf", { application })}>
        <thead>
          <tr>
            <Th>{t("table")}</Th>
            <Th>{t("rolesFound")}</Th>
            <Th align="end">{t("keeps")}</Th>
            <Th align="end">{t("rows")}</Th>
            <Th align="end">{t("columns.size")}</Th>
          </tr>
        </thead>
        <tbody>
          {members.map((member) => (
            <tr key={`${member.schema}.${member.name}`}>
              <Td>
                {member.proposal.parent && <span className="text-muted">└ </span>}
                <RowLink href={manageHref(storeId, member)}>{member.name}</RowLink>
                {member.proposal.parent && (
                  <span className="block text-xs text-muted">
                    {t("hangsOn", { ...member.proposal.parent })}
                  </span>
                )}
              </Td>
              <Td label={t("rolesFound")}>
                <RoleWords roles={member.proposal.roles} />
              </Td>
              <Td align="end" label={t("keeps")}>
                {member.proposal.keepDays === null
                  ? t("keepsAll")
                  : t("days", { count: member.proposal.keepDays })}
              </Td>
              <Td align="end" label={t("rows")}>
                <Estimate value={member.rowCount} reason={t("neverAnalyzed")} />
              </Td>
              <Td align="end" label={t("columns.size")}>
                <Bytes value={member.sizeBytes} />
              </Td>
            </tr>
          ))}
        </tbody>
      </Table>
    </Panel>
  );
}
