"use client";
import { useQuery } from "@tanstack/react-query";
import type { ShellDto } from "@/lib/schemas/shell";

async function fetchShell({ signal }: { signal: AbortSignal }): Promise<ShellDto> {
  const response = await fetch("/api/shell", { signal, headers: { accept: "application/json" } });
  if (!response.ok) throw new Error(`GET /api/shell: ${response.status}`);
  return response.json();
}

/** Counts for the rail, every 5 s. The last answer stays when a later one fails. */
export function useShellState() {
  return useQuery({ queryKey: ["shell"], queryFn: fetchShell, refetchInterval: 5_000, retry: false });
}
