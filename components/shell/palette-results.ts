"use client";
import { keepPreviousData, useQuery } from "@tanstack/react-query";

/** One row of what GET /api/palette?q= answers: `{ results: PaletteResult[] }`, best first, at most 20. */
export interface PaletteResult {
  kind: "dataset" | "store" | "operation";
  id: string;
  label: string;
  /** A second word: the store of a dataset, the state of an operation. */
  hint?: string;
  href: string;
}

async function fetchResults(query: string, signal: AbortSignal): Promise<PaletteResult[]> {
  const response = await fetch(`/api/palette?q=${encodeURIComponent(query)}`, { signal });
  if (!response.ok) throw new Error(`GET /api/palette: ${response.status}`);
  const body: { results: PaletteResult[] } = await response.json();
  return body.results;
}

/** Datasets, stores and operations for what was typed; the last answer stays until the next is there. */
export function usePaletteResults(query: string) {
  return useQuery({
    queryKey: ["palette", query],
    queryFn: ({ signal }) => fetchResults(query, signal),
    placeholderData: keepPreviousData,
    retry: false,
  });
}
