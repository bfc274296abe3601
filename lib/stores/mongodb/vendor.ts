import type * as Mongo from "mongodb";

let loaded: typeof Mongo | undefined;

/** The vendor's client, loaded at the first connection: processes that never open a MongoDB store start without it. */
export async function loadVendor(): Promise<typeof Mongo> {
  loaded ??= await import("mongodb");
  return loaded;
}

/** The same for code that runs only after a connection was opened. */
export function vendor(): typeof Mongo {
  if (loaded) return loaded;
  throw new Error("mongodb was not loaded: open a connection first");
}
