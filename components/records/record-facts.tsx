import Link from "next/link";
import { useTranslations } from "next-intl";
import { TierBadge } from "@/components/ui/badge";
import { Code, Count, Dash } from "@/components/ui/figures";
import { Fact, Facts, Panel } from "@/components/ui/panel";
import { DateTime } from "@/components/ui/time-ago";
import { visibleText } from "@/lib/format/visible";
import type { SegmentDto } from "@/lib/schemas/dataset";
import type { RecordDto } from "@/lib/schemas/record";
import { recordTime } from "./record-time";

export type SegmentFacts = Pick<SegmentDto, "segmentId" | "storeName" | "key" | "sha256" | "month">;

/** What is known of a row, and where it lives. */
export function RecordFacts({ record, segment }: { record: RecordDto; segment: SegmentFacts | null }) {
  const t = useTranslations("record");
  return (
    <Panel title={t("facts")}>
      <Facts>
        <Fact label={t("time")}>
          <RowTime at={record.at} />
        </Fact>
        {(["user", "model", "status", "tenant"] as const).map((name) => (
          <Fact key={name} label={t(name)}>
            {record[name] ? <bdi>{visibleText(record[name])}</bdi> : <Dash reason={t("isNull")} />}
          </Fact>
        ))}
        <Fact label={t("tokens")}>
          <Count value={record.tokens} reason={t("isNull")} />
        </Fact>
        <Fact label={t("key")}>
          <Code>{record.key.map(visibleText).join(" · ")}</Code>
        </Fact>
        <Fact label={t("dataset")}>
          <Link href={`/datasets/${record.datasetId}`} className="hover:text-accent hover:underline">
            {record.dataset}
          </Link>
        </Fact>
        <Fact label={t("tier")}>
          <TierBadge tier={record.tier} />
        </Fact>
        {segment ? <Segment segment={segment} /> : <Fact label={t("store")}>{record.storeName}</Fact>}
      </Facts>
    </Panel>
  );
}

/** Local; the database's own text beneath it. */
function RowTime({ at }: { at: string | null }) {
  const t = useTranslations("record");
  if (at === null) return <Dash reason={t("noTime")} />;
  const instant = recordTime(at);
  if (instant === null) return visibleText(at);
  return (
    <>
      <DateTime value={instant} />
      <span className="block text-xs text-muted">{at}</span>
    </>
  );
}

function Segment({ segment }: { segment: SegmentFacts }) {
  const t = useTranslations("record");
  return (
    <>
      <Fact label={t("store")}>{segment.storeName}</Fact>
      <Fact label={t("segment")}>
        <Code>{segment.key}</Code>
      </Fact>
      <Fact label="SHA-256">
        <Code>{segment.sha256}</Code>
      </Fact>
    </>
  );
}
