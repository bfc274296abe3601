import { useTranslations } from "next-intl";
import { Code, Dash } from "@/components/ui/figures";
import { Table, Td, Th } from "@/components/ui/table";
import type { RecordColumn } from "@/lib/schemas/record";
import { ValueText } from "./record-text";

/** Every column as the database writes it. NULL and the empty text are told apart. */
export function RecordColumns({
  columns,
  terms,
  caption,
}: {
  columns: readonly RecordColumn[];
  terms: readonly string[];
  caption: string;
}) {
  const t = useTranslations("record");
  return (
    <Table caption={caption} className="sm:table-fixed">
      <thead>
        <tr>
          <Th className="w-52">{t("column")}</Th>
          <Th className="w-44">{t("type")}</Th>
          <Th>{t("value")}</Th>
        </tr>
      </thead>
      <tbody>
        {columns.map((column) => (
          <tr key={column.name} className="align-top">
            <Td>
              <Code>{column.name}</Code>
              {column.role && <span className="ml-1.5 text-xs text-muted">{t(`roles.${column.role}`)}</span>}
            </Td>
            <Td label={t("type")}>
              <span className="text-xs text-muted [overflow-wrap:anywhere]">{column.type}</span>
            </Td>
            <Td>
              <Value column={column} terms={terms} />
            </Td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

function Value({ column, terms }: { column: RecordColumn; terms: readonly string[] }) {
  const t = useTranslations("record");
  if (column.value === null) return <Dash reason={t("isNull")} />;
  if (column.value === "") return <span className="text-xs text-muted">{t("isEmpty")}</span>;
  return <ValueText value={column.value} terms={terms} cutFromBytes={column.cutFromBytes} />;
}
