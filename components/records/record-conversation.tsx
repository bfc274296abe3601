import { useTranslations } from "next-intl";
import { CopyButton } from "@/components/ui/copy-button";
import { Dash } from "@/components/ui/figures";
import { Panel } from "@/components/ui/panel";
import type { RecordDto } from "@/lib/schemas/record";
import { RecordText } from "./record-text";

/** Prompt and answer as text. A dataset without these parts has its columns alone. */
export function RecordConversation({ record, terms }: { record: RecordDto; terms: readonly string[] }) {
  return (
    <>
      <Part record={record} part="prompt" terms={terms} />
      <Part record={record} part="answer" terms={terms} />
    </>
  );
}

function Part({
  record,
  part,
  terms,
}: {
  record: RecordDto;
  part: "prompt" | "answer";
  terms: readonly string[];
}) {
  const t = useTranslations("record");
  const text = record[part];
  const column = record.columns.find((one) => one.role === part);
  if (!column) return null;
  return (
    <Panel title={t(part)} unit={column.name} actions={text ? <CopyButton text={text} /> : undefined}>
      {text === null ? (
        <Dash reason={t("isNull")} />
      ) : text === "" ? (
        <p className="text-sm text-muted">{t("isEmpty")}</p>
      ) : (
        <RecordText text={text} terms={terms} cutFromBytes={column.cutFromBytes} />
      )}
    </Panel>
  );
}
