import { useTranslations } from "next-intl";
import { Badge } from "@/components/ui/badge";
import { EmptyState } from "@/components/ui/empty-state";
import { Bytes, Count } from "@/components/ui/figures";
import { Panel } from "@/components/ui/panel";
import { Table, Td, Th } from "@/components/ui/table";
import { TimeAgo } from "@/components/ui/time-ago";
import type { DatasetDetailDto, IndexDto } from "@/lib/schemas/dataset";

/** The hot table's indexes: what each takes and how often it was used. */
export function IndexTab({ dataset }: { dataset: DatasetDetailDto }) {
  const t = useTranslations("datasets");
  const indexes = [...(dataset.stats?.indexes ?? [])].sort((a, b) => b.sizeBytes - a.sizeBytes);
  return (
    <Panel
      title={t("indexes")}
      unit={<TimeAgo value={dataset.statsAt} reason={t("notSampled")} />}
      padding={indexes.length > 0 ? "none" : "normal"}
    >
      {indexes.length === 0 ? (
        <EmptyState title={t("noIndexes")}>{t("noIndexesHint")}</EmptyState>
      ) : (
        <Table caption={t("indexes")}>
          <thead>
            <tr>
              <Th>{t("index")}</Th>
              <Th>{t("indexColumns")}</Th>
              <Th align="end">{t("size")}</Th>
              <Th align="end">{t("scans")}</Th>
              <Th />
            </tr>
          </thead>
          <tbody>
            {indexes.map((index) => (
              <tr key={index.name}>
                <Td>
                  <code title={index.definition}>{index.name}</code>
                </Td>
                <Td label={t("indexColumns")}>
                  <code>{index.columns.join(", ")}</code>
                  {index.method !== "btree" && <span className="text-muted"> {index.method}</span>}
                </Td>
                <Td align="end" label={t("size")}>
                  <Bytes value={index.sizeBytes} />
                </Td>
                <Td align="end" label={t("scans")}>
                  <Count value={index.scans} reason={t("scansUnknown")} />
                </Td>
                <Td>
                  <IndexMarks index={index} />
                </Td>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
    </Panel>
  );
}

function IndexMarks({ index }: { index: IndexDto }) {
  const t = useTranslations("datasets");
  const needed = index.primary || index.unique;
  return (
    <span className="inline-flex flex-wrap gap-1.5">
      {index.primary && <Badge>{t("primaryKey")}</Badge>}
      {index.unique && !index.primary && <Badge>{t("unique")}</Badge>}
      {!index.valid && (
        <Badge tone="bad" title={t("invalidHint")}>
          {t("invalid")}
        </Badge>
      )}
      {index.scans === 0 && !needed && (
        <Badge tone="warn" title={t("neverUsedHint")}>
          {t("neverUsed")}
        </Badge>
      )}
    </span>
  );
}
