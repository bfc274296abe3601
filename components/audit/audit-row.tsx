"use client";
import { useTranslations } from "next-intl";
import { useId, useState } from "react";
import { Button } from "@/components/ui/button";
import { CodeBlock } from "@/components/ui/code-block";
import { Dash } from "@/components/ui/figures";
import { RowLink, Td } from "@/components/ui/table";
import { TimeAgo } from "@/components/ui/time-ago";
import { TONE_TEXT, type Tone, ToneIcon } from "@/components/ui/tone";
import { visibleText } from "@/lib/format/visible";
import type { AuditDto, AuditOutcome } from "@/lib/schemas/audit";

const TONES: Record<AuditOutcome, Tone> = { done: "ok", refused: "warn", failed: "bad" };

/** One entry; what is known beyond its line opens beneath it. */
export function AuditRow({ entry }: { entry: AuditDto }) {
  const t = useTranslations("audit");
  const [open, setOpen] = useState(false);
  const detailsId = useId();
  const hasDetails = Object.keys(entry.details).length > 0;
  return (
    <>
      <tr>
        <Td>
          <TimeAgo value={entry.at} />
        </Td>
        <Td label={t("actor")}>{visibleText(entry.actorName)}</Td>
        <Td label={t("action")}>
          <span title={entry.action} className="font-medium">
            {t.has(`actions.${entry.action}`) ? t(`actions.${entry.action}`) : entry.action}
          </span>
        </Td>
        <Td label={t("subject")}>
          <Subject entry={entry} />
        </Td>
        <Td label={t("reason")}>
          {entry.reason ? (
            <span className="[overflow-wrap:anywhere]">{visibleText(entry.reason)}</span>
          ) : (
            <Dash reason={t("noReason")} />
          )}
        </Td>
        <Td label={t("outcome")}>
          <span
            className={`inline-flex items-center gap-1.5 align-middle whitespace-nowrap ${TONE_TEXT[TONES[entry.outcome]]}`}
          >
            <ToneIcon tone={TONES[entry.outcome]} />
            {t(`outcomes.${entry.outcome}`)}
          </span>
        </Td>
        <Td align="end">
          {hasDetails && (
            <Button
              size="sm"
              tone="ghost"
              className="-my-1 max-sm:-ml-2.5"
              aria-expanded={open}
              aria-controls={open ? detailsId : undefined}
              onClick={() => setOpen(!open)}
            >
              {t(open ? "hideDetails" : "details")}
            </Button>
          )}
        </Td>
      </tr>
      {open && (
        <tr id={detailsId}>
          <td colSpan={7}>
            <CodeBlock wrap label={t("details")} code={visibleText(JSON.stringify(entry.details, null, 2))} />
          </td>
        </tr>
      )}
    </>
  );
}

function Subject({ entry }: { entry: AuditDto }) {
  const name = <bdi className="[overflow-wrap:anywhere]">{visibleText(entry.subject)}</bdi>;
  return entry.href ? (
    <RowLink href={entry.href} prefetch={false}>
      {name}
    </RowLink>
  ) : (
    name
  );
}
