import { env } from "@/lib/env";
import { AppError } from "@/lib/errors";

/** The addresses Strata is opened at, the canonical one first: STRATA_URL alone where it is set. */
export function knownOrigins(): string[] {
  const { STRATA_URL, STRATA_HOST, PORT } = env();
  if (STRATA_URL) return [new URL(STRATA_URL).origin];
  const hosts = STRATA_HOST === "0.0.0.0" || STRATA_HOST === "::" ? [] : [STRATA_HOST];
  return [...new Set([...hosts, "localhost", "127.0.0.1"])].map((host) => `http://${host}:${PORT}`);
}

/**
 * Whether an Origin is ours. Without STRATA_URL the host the browser asked for counts too: Strata may be opened
 * by any name of its machine, and another site cannot choose the Host header that the browser sends.
 */
export function originIsOurs(origin: string, headers: Headers): boolean {
  if (knownOrigins().includes(origin)) return true;
  if (env().STRATA_URL || !URL.canParse(origin)) return false;
  return new URL(origin).host === headers.get("host");
}

/**
 * Refuses what another site makes a signed-in browser send. Call it first in every mutation.
 * Throws `forbidden` unless Origin is ours or, without one, Sec-Fetch-Site is same-origin.
 */
export function assertSameOrigin(headers: Headers): void {
  const origin = headers.get("origin");
  const site = headers.get("sec-fetch-site");
  if (origin === null ? site === "same-origin" : originIsOurs(origin, headers)) return;
  throw new AppError(
    "forbidden",
    "This request did not come from Strata's own pages, so nothing was done. If you open Strata through a proxy, set STRATA_URL to the address you use.",
    { key: "foreignOrigin" },
  );
}
