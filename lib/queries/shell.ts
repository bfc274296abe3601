import { queryOptions } from "@tanstack/react-query";
import { fetchJson } from "@/lib/queries/fetch-json";
import type { PaletteDto, ShellDto } from "@/lib/schemas/shell";

export const shellQueries = {
  /** Prefix of all of them: invalidate by it. */
  all: ["shell"] as const,
  shell: () =>
    queryOptions({
      queryKey: [...shellQueries.all, "frame"],
      queryFn: ({ signal }) => fetchJson<ShellDto>("/api/shell", signal),
      refetchInterval: 5_000,
    }),
  palette: () =>
    queryOptions({
      queryKey: [...shellQueries.all, "palette"],
      queryFn: ({ signal }) => fetchJson<PaletteDto>("/api/palette", signal),
      staleTime: 30_000,
    }),
};
