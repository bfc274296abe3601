"use client";
import { useLocale, useTimeZone, useTranslations } from "next-intl";
import { useEffect, useMemo, useRef, useState } from "react";
import { Button, ButtonLink } from "@/components/ui/button";
import { Input } from "@/components/ui/input";
import { Panel } from "@/components/ui/panel";
import { formatClockSeconds } from "@/lib/format/time";
import { operationLogUrl } from "@/lib/queries/operations";
import type { LineDto } from "@/lib/schemas/operation";

const COLOR = { info: "", warn: "text-warn", error: "text-bad" } as const;

/** The live log: follows its end unless paused, can be filtered and downloaded whole. */
export function OperationLog({
  operationId,
  lines,
  following,
}: {
  operationId: string;
  lines: readonly LineDto[];
  following: boolean;
}) {
  const t = useTranslations("operationPage");
  const [frozen, setFrozen] = useState<readonly LineDto[] | null>(null);
  const [filter, setFilter] = useState("");
  const shown = useMemo(
    () => (frozen ?? lines).filter((line) => line.text.toLowerCase().includes(filter.toLowerCase())),
    [frozen, lines, filter],
  );
  const waiting = frozen ? lines.length - frozen.length : 0;
  return (
    <Panel
      title={t("log")}
      unit={following ? (frozen ? t("logPaused", { count: waiting }) : t("logFollowing")) : undefined}
      actions={
        <>
          <Input
            type="search"
            value={filter}
            onChange={(event) => setFilter(event.target.value)}
            placeholder={t("logFilter")}
            aria-label={t("logFilter")}
            className="w-44 max-sm:w-28"
          />
          {following && (
            <Button size="sm" onClick={() => setFrozen(frozen ? null : lines)}>
              {t(frozen ? "logFollow" : "logPause")}
            </Button>
          )}
          <ButtonLink size="sm" href={operationLogUrl(operationId)} prefetch={false} download>
            {t("logDownload")}
          </ButtonLink>
        </>
      }
    >
      <Lines lines={shown} stick={frozen === null} />
    </Panel>
  );
}

/** A region that scrolls must be reachable by keyboard. */
const SCROLLS = { tabIndex: 0 };

function Lines({ lines, stick }: { lines: readonly LineDto[]; stick: boolean }) {
  const t = useTranslations("operationPage");
  const locale = useLocale();
  const timeZone = useTimeZone();
  const box = useRef<HTMLElement>(null);
  const last = lines.at(-1)?.lineId;
  useEffect(() => {
    if (stick && last && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [stick, last]);
  return (
    <section
      ref={box}
      {...SCROLLS}
      aria-label={t("log")}
      className="h-64 overflow-auto rounded-md border border-line bg-sunken px-3 py-2.5 font-mono text-xs leading-[1.125rem]"
    >
      {lines.length === 0 && <p className="text-muted">{t("logEmpty")}</p>}
      {lines.map((line) => (
        <div key={line.lineId} className={`flex gap-3 ${COLOR[line.level]}`}>
          <time dateTime={line.at} className="shrink-0 text-muted" suppressHydrationWarning>
            {formatClockSeconds(line.at, { locale, timeZone })}
          </time>
          <span className="min-w-0 whitespace-pre-wrap [overflow-wrap:anywhere]">{line.text}</span>
        </div>
      ))}
    </section>
  );
}
