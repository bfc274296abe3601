"use client";
import { useQuery } from "@tanstack/react-query";

/** What GET /api/shell answers. */
export interface ShellState {
  runningCount: number;
  unseenFailedCount: number;
  storeCount: number;
  datasetCount: number;
  workers: number;
  /** `null`: the control DB did not answer. */
  controlLatencyMs: number | null;
  user: { name: string; role: string };
}

async function fetchShell({ signal }: { signal: AbortSignal }): Promise<ShellState> {
  const response = await fetch("/api/shell", { signal, headers: { accept: "application/json" } });
  if (!response.ok) throw new Error(`GET /api/shell: ${response.status}`);
  return response.json();
}

/** Counts for the rail, every 5 s. The last answer stays when a later one fails. */
export function useShellState() {
  return useQuery({ queryKey: ["shell"], queryFn: fetchShell, refetchInterval: 5_000, retry: false });
}
