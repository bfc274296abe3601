"use client";
import Link from "next/link";
import { useLocale, useTimeZone, useTranslations } from "next-intl";
import { recordHref } from "@/components/records/record-address";
import { TierBadge } from "@/components/ui/badge";
import { Count, Dash } from "@/components/ui/figures";
import { Td } from "@/components/ui/table";
import { formatClockSeconds, formatDate, formatExactTime } from "@/lib/format/time";
import { visibleText } from "@/lib/format/visible";
import type { SearchRow, Snippet } from "@/lib/schemas/search";
import { frameSnippet } from "./frame-snippet";
import { Marked } from "./marked";

/** A row in two lines. Its link covers it whole; the box to select it stands above that. */
export function SearchResultRow({
  row,
  q,
  selected,
  onToggle,
}: {
  row: SearchRow;
  q: string;
  selected: boolean;
  onToggle: (() => void) | null;
}) {
  const t = useTranslations("search");
  const hot = row.tier === "hot";
  return (
    <tr
      data-link
      data-selected={selected || undefined}
      className="relative align-top has-[a:focus-visible]:outline-2 has-[a:focus-visible]:-outline-offset-2 has-[a:focus-visible]:outline-accent"
    >
      {onToggle && (
        <Td className="max-sm:absolute max-sm:top-2 max-sm:right-3 max-sm:z-10">
          <input
            type="checkbox"
            checked={selected}
            disabled={hot}
            onChange={onToggle}
            data-row-box
            aria-label={t(hot ? "alreadyHot" : "select")}
            title={t(hot ? "alreadyHot" : "select")}
            className="relative z-10 size-4 cursor-pointer accent-accent disabled:cursor-not-allowed max-sm:size-5"
          />
        </Td>
      )}
      <Td>
        <Link
          href={recordHref(row, q)}
          prefetch={false}
          data-row-link
          className="block outline-hidden after:absolute after:inset-0"
        >
          <RowTime at={row.at} />
        </Link>
      </Td>
      <Td label={t("tierAndDataset")}>
        <TwoLines first={<TierBadge tier={row.tier} />} second={row.dataset} />
      </Td>
      <Td label={t("user")}>
        <Words>{row.user}</Words>
      </Td>
      <Td label={t("modelAndStatus")}>
        <TwoLines first={row.model ?? <Dash />} second={row.status} />
      </Td>
      <Td>
        <div className="min-w-0 max-sm:py-1">
          <Line snippet={row.snippets[0]} />
          <Line snippet={row.snippets[1]} muted />
        </div>
      </Td>
      <Td align="end" label={t("tokens")}>
        <Count value={row.tokens} reason={t("noTokens")} />
      </Td>
    </tr>
  );
}

function RowTime({ at }: { at: string | null }) {
  const t = useTranslations("search");
  const locale = useLocale();
  const timeZone = useTimeZone();
  if (at === null) return <Dash reason={t("noTime")} />;
  return (
    <time dateTime={at} title={formatExactTime(at, { locale, timeZone })} className="block whitespace-nowrap">
      {formatClockSeconds(at, { locale, timeZone })}
      <span className="block text-muted max-sm:ml-2 max-sm:inline">
        {formatDate(at, { locale, timeZone })}
      </span>
    </time>
  );
}

const Words = ({ children }: { children: string | null }) =>
  children === null || children === "" ? (
    <Dash />
  ) : (
    <bdi title={children} className="block min-w-0 truncate">
      {visibleText(children)}
    </bdi>
  );

const TwoLines = ({ first, second }: { first: React.ReactNode; second: string | null }) => (
  <span className="block min-w-0">
    <span className="block truncate">{first}</span>
    <bdi title={second ?? undefined} className="block truncate text-muted">
      {second ? visibleText(second) : <span className="max-sm:hidden">{"\u00a0"}</span>}
    </bdi>
  </span>
);

function Line({ snippet, muted }: { snippet: Snippet | undefined; muted?: boolean }) {
  if (!snippet) return <p className="h-5 max-sm:hidden" />;
  const framed = frameSnippet(snippet);
  return (
    <p className={`truncate max-sm:line-clamp-2 max-sm:whitespace-normal ${muted ? "text-muted" : ""}`}>
      {framed.cutBefore && "…"}
      <Marked text={framed.text} matches={framed.matches} />
      {framed.cutAfter && "…"}
    </p>
  );
}
