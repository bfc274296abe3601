import { StoreError } from "@/lib/errors";
import type { RowAccess } from "@/lib/stores/rows";
import type { ObjectAccess, OptimizeAccess, Store } from "@/lib/stores/store";

/** What an operation needs of a store, or a sentence that says it cannot. */
export function rowsOf(store: Store, name: string): RowAccess {
  if (store.rows) return store.rows;
  throw cannot(name, "rows");
}

export function objectsOf(store: Store, name: string): ObjectAccess {
  if (store.objects) return store.objects;
  throw cannot(name, "objects");
}

export function optimizeOf(store: Store, name: string): OptimizeAccess {
  if (store.optimize) return store.optimize;
  throw cannot(name, "optimize");
}

const WHAT = {
  rows: "tables",
  objects: "objects, so it cannot hold segments",
  optimize: "anything to optimize",
  moveRows: "a way to move rows between tables",
  deleteRows: "a way to delete rows by content",
} as const;

export function cannot(name: string, ability: keyof typeof WHAT): StoreError {
  return new StoreError(
    "refused",
    `${name} does not offer ${WHAT[ability]}. Nothing was changed. Choose another store.`,
    { key: "storeCannot", details: { name, ability } },
  );
}
