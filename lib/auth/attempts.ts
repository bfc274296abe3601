/** So many tries an account gets in a window, from wherever they come. */
const MAX_TRIES = 20;
const WINDOW_MS = 60_000;
/** Names that were only made up must not fill the memory. */
const MAX_ACCOUNTS = 10_000;

interface Tries {
  count: number;
  until: number;
}

const tries = new Map<string, Tries>();

/**
 * Whether this account may try a password now; counts the try. The sign-in library counts by the address a request
 * claims to come from, which whoever guesses passwords can choose anew each time: an account cannot be chosen.
 */
export function takeAttempt(email: string, now = Date.now()): boolean {
  const account = email.trim().toLowerCase();
  const known = tries.get(account);
  const current = known && known.until > now ? known : { count: 0, until: now + WINDOW_MS };
  current.count += 1;
  tries.delete(account);
  tries.set(account, current);
  if (tries.size > MAX_ACCOUNTS) dropOldest();
  return current.count <= MAX_TRIES;
}

function dropOldest(): void {
  const { value: oldest } = tries.keys().next();
  if (oldest !== undefined) tries.delete(oldest);
}

/** Forgets an account's tries: it has signed in. */
export function forgetAttempts(email: string): void {
  tries.delete(email.trim().toLowerCase());
}
