import type { TestServer } from "@/lib/stores/testing/server-file";

/** One row of the table that a story archives, searches and restores. */
export interface SeedRow {
  id: number;
  at: Date;
  tenant: string;
  text: string;
}

/** What a kind of store brings to its story: a real server, a table in it, and what the kind can do. */
export interface KindStory {
  /** The driver's kind. */
  kind: string;
  /** Name of the test server. */
  server: string;
  /** What is pasted as the address. */
  address(server: TestServer): string;
  /** Makes the table anew with these rows; returns its name in the list of tables. */
  seed(server: TestServer, rows: readonly SeedRow[]): Promise<string>;
  /** Rows the table holds now, asked of the server itself. */
  count(server: TestServer): Promise<number>;
  /** True: rows leave by the store's own expiry, so that an archive copies them and they stay. */
  leavesByExpiry?: boolean;
  /** Whether rows can come back into the table itself. */
  restores: boolean;
  /** The optimize button that is pressed; null where there is none. */
  optimize: RegExp | null;
}

const DAY_MS = 86_400_000;
export const OLD_ROWS = 40;
export const NEW_ROWS = 20;

/** Rows of five months ago and of these days, each with a word that only this story writes. */
export function seedRows(word: string, oldRows = OLD_ROWS, newRows = NEW_ROWS): SeedRow[] {
  const now = Date.now();
  return Array.from({ length: oldRows + newRows }, (_, n) => {
    const old = n < oldRows;
    const ageMs = old ? 150 * DAY_MS + n * 60_000 : (n - oldRows + 1) * 60_000;
    return {
      id: n + 1,
      at: new Date(now - ageMs),
      tenant: n % 2 === 0 ? "acme" : "globex",
      text: `${old ? "frozen" : "fresh"} ${word} number ${n + 1}: 请帮我归档这段对话`,
    };
  });
}
