"use client";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { PaletteDto, PaletteItem } from "@/lib/schemas/shell";

async function fetchItems(query: string, signal: AbortSignal): Promise<PaletteItem[]> {
  const response = await fetch(`/api/palette?q=${encodeURIComponent(query)}`, { signal });
  if (!response.ok) throw new Error(`GET /api/palette: ${response.status}`);
  const body: PaletteDto = await response.json();
  return body.items;
}

/** Datasets, stores and operations for what was typed; the last answer stays until the next is there. */
export function usePaletteItems(query: string) {
  return useQuery({
    queryKey: ["palette", query],
    queryFn: ({ signal }) => fetchItems(query, signal),
    placeholderData: keepPreviousData,
    retry: false,
  });
}
