import { allowedHosts } from "@/lib/control/allowed-hosts";
import { db, isControlAway } from "@/lib/control/database";
import { decrypt } from "@/lib/control/secret";
import { AppError } from "@/lib/errors";
import { driverOf } from "@/lib/stores/registry";
import type { Store } from "@/lib/stores/store";

const IDLE_MS = 60_000;
const CALL_TIMEOUT_MS = 60_000;
const CONNECTIONS = { read: 4, write: 4 } as const;

interface Handle {
  store: Store;
  /** Changes with the row: a store whose address or password was edited is opened anew. */
  version: string;
  usedAt: number;
}

const handles = new Map<string, Handle>();
let sweep: NodeJS.Timeout | undefined;

/**
 * A store by its id, with its secrets decrypted. One handle per store and access is kept in this process and closed
 * after a minute without an open; drivers connect lazily, so opening costs one read of the control DB.
 * Throws not_found; refused when writing is asked for and the store is read-only.
 */
export async function openStore(storeId: string, access: "read" | "write"): Promise<Store> {
  const slot = `${storeId}:${access}`;
  const row = await db()
    .store.findUnique({ where: { id: storeId } })
    .catch((error: unknown) => {
      // Reading may go on by a handle that is open while the control DB is away; writing may not.
      const open = access === "read" ? handles.get(slot) : undefined;
      if (open && isControlAway(error)) return open;
      throw error;
    });
  if (row && "store" in row) return row.store;
  if (!row) throw missing(storeId);
  if (access === "write" && !row.writesEnabled) throw readOnly(row.name);
  // Asked before the handle is looked up: from there on nothing waits, so that two openers share one handle.
  const hosts = await allowedHosts();
  const version = `${row.updatedAt.getTime()}:${row.writesEnabled}:${hosts.join()}:${JSON.stringify(row.config)}`;
  const held = handles.get(slot);
  if (held?.version === version) {
    held.usedAt = Date.now();
    return held.store;
  }
  const config = storeConfig(row);
  const store = driverOf(row.kind).open(config, {
    access,
    name: `strata ${row.name}`.slice(0, 63),
    timeoutMs: CALL_TIMEOUT_MS,
    connections: CONNECTIONS[access],
    allowedHosts: hosts,
  });
  handles.set(slot, { store, version, usedAt: Date.now() });
  if (held) void held.store.close().catch(() => undefined);
  sweep ??= setInterval(() => closeIdle(), IDLE_MS / 2).unref();
  return store;
}

/** How a store is opened for a check: for reading, unless its rights show only to who may write, and writes are enabled. */
export const checkAccess = (row: { kind: string; writesEnabled: boolean }): "read" | "write" =>
  row.writesEnabled && driverOf(row.kind).traits.rightsBy === "trying" ? "write" : "read";

/** The parsed configuration of a store's row, secrets included. Throws corrupt when the secret cannot be read. */
export function storeConfig(row: {
  id: string;
  kind: string;
  config: unknown;
  secretCipher: Uint8Array | null;
}): unknown {
  const driver = driverOf(row.kind);
  const open = isRecord(row.config) ? row.config : {};
  const secrets: unknown = row.secretCipher ? JSON.parse(decrypt(row.secretCipher, row.id)) : {};
  return driver.config.parse({ ...open, ...(isRecord(secrets) ? secrets : {}) });
}

/** Closes every handle of this process. */
export async function closeStores(): Promise<void> {
  clearInterval(sweep);
  sweep = undefined;
  const open = [...handles.values()];
  handles.clear();
  await Promise.allSettled(open.map((handle) => handle.store.close()));
}

function closeIdle(): void {
  for (const [slot, handle] of handles) {
    if (retained.has(handle.store) || Date.now() - handle.usedAt < IDLE_MS) continue;
    handles.delete(slot);
    void handle.store.close().catch(() => undefined);
  }
}

const retained = new Map<Store, number>();

/** Keeps a handle open for a long run; call what it returns when the run ends. */
export function retainStore(store: Store): () => void {
  retained.set(store, (retained.get(store) ?? 0) + 1);
  return () => {
    const left = (retained.get(store) ?? 1) - 1;
    if (left > 0) retained.set(store, left);
    else retained.delete(store);
  };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function missing(storeId: string): AppError {
  return new AppError(
    "not_found",
    "This store is not configured any more. Nothing was changed. Add it again under Stores.",
    {
      key: "storeMissing",
      details: { storeId },
    },
  );
}

function readOnly(name: string): AppError {
  return new AppError(
    "refused",
    `${name} is read-only in Strata: writes are not enabled for it. Nothing was changed. Enable writes on the store's page, then try again.`,
    { key: "writesDisabled", details: { name } },
  );
}
