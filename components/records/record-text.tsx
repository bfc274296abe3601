"use client";
import { useLocale, useTranslations } from "next-intl";
import { useMemo, useState } from "react";
import { Marked } from "@/components/search/marked";
import { Button } from "@/components/ui/button";
import { formatBytes } from "@/lib/format/bytes";
import { highlightRanges } from "@/lib/format/highlight";
import { prettyJson } from "./pretty-json";
import { cutText, textBlocks } from "./text-blocks";

/** Drawn at once; the rest on request. */
const FIRST_CHARS = 6_000;
const FIRST_VALUE_CHARS = 1_000;

/** A text from the data, rendered harmless: paragraphs and code, never markup. */
export function RecordText({
  text,
  terms,
  cutFromBytes,
}: {
  text: string;
  terms: readonly string[];
  /** Full length when the server has cut it. */
  cutFromBytes?: number | null;
}) {
  const [whole, setWhole] = useState(false);
  const shown = whole ? text : cutText(text, FIRST_CHARS);
  const blocks = useMemo(() => textBlocks(shown), [shown]);
  // Dify's prompt is a JSON object of variables.
  if (prettyJson(text) !== null)
    return <ValueText value={text} terms={terms} cutFromBytes={cutFromBytes ?? null} />;
  return (
    <div className="flex min-w-0 flex-col gap-3">
      {blocks.map((block, index) =>
        block.kind === "code" ? (
          <Code key={String(index)} language={block.language}>
            <Terms text={block.text} terms={terms} />
          </Code>
        ) : (
          <p key={String(index)} className="max-w-[80ch] whitespace-pre-wrap [overflow-wrap:anywhere]">
            <Terms text={block.text} terms={terms} />
          </p>
        ),
      )}
      <Rest
        hidden={text.length - shown.length}
        text={text}
        cutFromBytes={cutFromBytes ?? null}
        onAll={() => setWhole(true)}
      />
    </div>
  );
}

/** A single value: JSON indented, anything else as it is. */
export function ValueText({
  value,
  terms,
  cutFromBytes,
}: {
  value: string;
  terms: readonly string[];
  cutFromBytes: number | null;
}) {
  const [whole, setWhole] = useState(false);
  const text = useMemo(() => prettyJson(value) ?? value, [value]);
  const shown = whole ? text : cutText(text, FIRST_VALUE_CHARS);
  return (
    <div className="flex min-w-0 flex-col gap-1.5">
      <pre className="whitespace-pre-wrap [overflow-wrap:anywhere]">
        <Terms text={shown} terms={terms} />
      </pre>
      <Rest
        hidden={text.length - shown.length}
        text={text}
        cutFromBytes={cutFromBytes}
        onAll={() => setWhole(true)}
      />
    </div>
  );
}

const Terms = ({ text, terms }: { text: string; terms: readonly string[] }) => (
  <Marked text={text} matches={highlightRanges(text, terms)} />
);

/** A region that scrolls must be reachable by keyboard. */
const SCROLLS = { tabIndex: 0 };

function Code({ language, children }: { language: string; children: React.ReactNode }) {
  const t = useTranslations("record");
  return (
    <figure
      {...SCROLLS}
      aria-label={language ? t("codeIn", { language }) : t("code")}
      className="max-w-full overflow-x-auto rounded-md border border-line bg-sunken px-3 py-2.5 text-xs leading-[1.125rem]"
    >
      <pre className="text-[1em]">{children}</pre>
    </figure>
  );
}

function Rest({
  hidden,
  text,
  cutFromBytes,
  onAll,
}: {
  hidden: number;
  text: string;
  cutFromBytes: number | null;
  onAll: () => void;
}) {
  const t = useTranslations("record");
  const locale = useLocale();
  if (hidden > 0)
    return (
      <div>
        <Button size="sm" onClick={onAll}>
          {t("showAll", { size: formatBytes(new TextEncoder().encode(text).length, locale) })}
        </Button>
      </div>
    );
  if (cutFromBytes === null) return null;
  return (
    <p className="text-xs text-muted">{t("cutByServer", { size: formatBytes(cutFromBytes, locale) })}</p>
  );
}
