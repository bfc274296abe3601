"use client";
import { useTranslations } from "next-intl";
import { useCallback, useEffect, useState } from "react";
import { type ShownError, useShownError } from "@/components/live/use-action";
import { searchUrl } from "@/lib/queries/search";
import type { SearchQuery } from "@/lib/schemas/search";
import { readEvents, SearchFailure } from "./read-events";
import { applyEvent, NO_RESULT, type SearchResult } from "./search-result";

export interface RunningSearch {
  result: SearchResult;
  /** `idle` before the first search. */
  state: "idle" | "running" | "done" | "failed";
  error: ShownError | null;
  retry: () => void;
}

interface Run extends Omit<RunningSearch, "retry"> {
  url: string;
}

const start = (url: string): Run => ({ url, result: NO_RESULT, state: "running", error: null });

/** Runs the search as it stands in the address; a new one cancels the one before. */
export function useSearch(query: SearchQuery | null): RunningSearch {
  const url = query && searchUrl(query);
  const shown = useShownError();
  const t = useTranslations("errors");
  const [attempt, setAttempt] = useState(0);
  const [run, setRun] = useState<Run>(start(""));

  useEffect(() => {
    // `attempt` counts how often it was tried: another one runs the same search anew.
    if (!url || attempt < 0) return;
    const abort = new AbortController();
    setRun(start(url));
    follow(url);
    return () => abort.abort();

    async function follow(address: string) {
      try {
        for await (const event of readEvents(address, abort.signal))
          setRun((old) => ({ ...old, result: applyEvent(old.result, event) }));
        setRun((old) => ({ ...old, state: "done" }));
      } catch (cause) {
        if (abort.signal.aborted) return;
        const dto = cause instanceof SearchFailure ? cause.dto : null;
        const error: ShownError = dto
          ? shown(dto)
          : { message: t("searchBrokeOff"), fields: {}, code: "unreachable" };
        setRun((old) => ({ ...old, state: "failed", error }));
      }
    }
  }, [url, attempt, shown, t]);

  const retry = useCallback(() => setAttempt((old) => old + 1), []);
  if (!url) return { result: NO_RESULT, state: "idle", error: null, retry };
  // Between a new address and its first event nothing of the old one may be seen.
  return { ...(run.url === url ? run : start(url)), retry };
}
