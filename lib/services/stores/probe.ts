import { allowedHosts } from "@/lib/control/allowed-hosts";
import type { HealthDto } from "@/lib/schemas/store";
import { driverOf } from "@/lib/services/stores/driver";
import type { Health } from "@/lib/stores/store";
import type { TableSummary } from "@/lib/stores/table";

/** Longest a person waits for a form's answer. */
const PROBE_MS = 10_000;

export interface Probe {
  health: HealthDto;
  /** Null when the store answers but does not list its tables in time. */
  tables: TableSummary[] | null;
}

/** Asks a store once, with a configuration that is not saved. Throws what the driver says when it does not answer. */
export async function probeStore(
  kind: string,
  config: unknown,
  access: "read" | "write" = "read",
): Promise<Probe> {
  const store = driverOf(kind).open(config, {
    access,
    name: "strata test",
    timeoutMs: PROBE_MS,
    connections: 1,
    allowedHosts: await allowedHosts(),
  });
  const signal = AbortSignal.timeout(PROBE_MS);
  try {
    const health = healthDto(await store.check(signal));
    const tables = await store.tables(signal).catch(() => null);
    return { health, tables };
  } finally {
    void store.close().catch(() => undefined);
  }
}

export const healthDto = (health: Health): HealthDto => ({
  ...health,
  rights: health.rights.map((right) => ({ ...right })),
  limits: health.limits.map((limit) => ({ ...limit })),
  facts: { ...health.facts },
});
