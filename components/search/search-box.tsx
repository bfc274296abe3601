"use client";
import { Search } from "lucide-react";
import { useTranslations } from "next-intl";
import { useEffect, useRef, useState } from "react";

/** The words to look for. Enter searches; Escape empties. */
export function SearchBox({
  q,
  error,
  onSearch,
}: {
  q: string;
  error: string | undefined;
  onSearch: (q: string) => void;
}) {
  const t = useTranslations("search");
  const box = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(q);
  const [asked, setAsked] = useState(q);
  // Back and forward change the address under the box.
  if (asked !== q) {
    setAsked(q);
    setText(q);
  }
  useEffect(() => box.current?.focus({ preventScroll: true }), []);
  return (
    <search className="min-w-0 flex-1 basis-96 max-sm:basis-full">
      <form
        className="relative"
        onSubmit={(event) => {
          event.preventDefault();
          onSearch(text.trim());
        }}
      >
        <Search aria-hidden size={16} className="absolute top-3 left-3 text-muted" />
        <input
          ref={box}
          type="search"
          data-search-box
          value={text}
          maxLength={500}
          onChange={(event) => setText(event.target.value)}
          placeholder={t("placeholder")}
          aria-label={t("label")}
          aria-invalid={error ? true : undefined}
          aria-describedby={error ? "search-error" : undefined}
          enterKeyHint="search"
          autoComplete="off"
          spellCheck={false}
          className="h-10 w-full rounded-md border border-line bg-surface pr-3 pl-9 text-lg transition-colors hover:border-line-strong focus-visible:border-accent focus-visible:outline-1 focus-visible:outline-offset-0 aria-invalid:border-bad"
        />
      </form>
      {error && (
        <p id="search-error" role="alert" className="mt-1 text-xs text-bad">
          {error}
        </p>
      )}
    </search>
  );
}
