import type { Session } from "@/lib/stores/postgres/client";
import { sqlState } from "@/lib/stores/postgres/errors";

/** What a question to an extension's own catalogue gave. Versions differ: a failure is a missing panel, not an error. */
export type Attempt<T> = { ok: true; value: T } | { ok: false; reason: string };

/** SQLSTATEs: five characters. Errors of the connection have none, and are nobody's to swallow. */
const SQLSTATE = /^[0-9A-Z]{5}$/;

/**
 * Runs a question that an extension may not understand, in a savepoint when a transaction is open: what was asked
 * before and what comes after is not touched by its failure.
 */
export async function attempt<T>(session: Session, work: () => Promise<T>): Promise<Attempt<T>> {
  const inside = await session.query("SAVEPOINT strata_attempt").then(
    () => true,
    (error: unknown) => {
      // 25P01: no transaction is open, so there is none to lose.
      if (sqlState(error) !== "25P01") throw error;
      return false;
    },
  );
  try {
    const value = await work();
    if (inside) await session.query("RELEASE SAVEPOINT strata_attempt");
    return { ok: true, value };
  } catch (error) {
    if (!SQLSTATE.test(sqlState(error) ?? "")) throw error;
    if (inside) await session.query("ROLLBACK TO SAVEPOINT strata_attempt");
    return { ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
}

/** The answer, or what stands in for it. */
export const orElse = <T>(tried: Attempt<T>, otherwise: T): T => (tried.ok ? tried.value : otherwise);
