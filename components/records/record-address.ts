import type { Tier } from "@/lib/schemas/dataset";

/** A key as one piece of a path: JSON as base64url, since a key may hold anything. */
export function encodeKey(key: readonly string[]): string {
  const bytes = new TextEncoder().encode(JSON.stringify(key));
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** The key in a path; null for what is none of ours. */
export function decodeKey(text: string): string[] | null {
  try {
    const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(binary, (char) => char.charCodeAt(0));
    const key: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    const fits = Array.isArray(key) && key.length > 0 && key.every((part) => typeof part === "string");
    return fits ? key : null;
  } catch {
    return null;
  }
}

interface Address {
  datasetId: string;
  key: readonly string[];
  segmentId?: string | null;
}

/** The page of a row; `q` marks there what was searched for. */
export function recordHref({ datasetId, key, segmentId }: Address, q = ""): string {
  const params = new URLSearchParams();
  if (q) params.set("q", q);
  if (segmentId) params.set("segment", segmentId);
  const query = params.toString();
  return `/records/${encodeURIComponent(datasetId)}/${encodeKey(key)}${query ? `?${query}` : ""}`;
}

/** The form that restores these rows of one dataset. */
export function restoreHref(datasetId: string, from: Tier, keys: readonly (readonly string[])[]): string {
  const params = new URLSearchParams({ from });
  for (const key of keys) params.append("key", JSON.stringify(key));
  return `/datasets/${encodeURIComponent(datasetId)}/restore?${params}`;
}
