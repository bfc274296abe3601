import type { PgHandle, Row } from "@/lib/stores/postgres/client";
import { flavourFigures } from "@/lib/stores/postgres/flavour-figures";
import type { ReplicaState, Replicas } from "@/lib/stores/postgres/replicas";
import type { Breakdown, Figure, Limit, StoreFigures } from "@/lib/stores/store";

const TIMEOUT_MS = 10_000;

/** Who follows this server, by its own account. The lag columns are empty without pg_monitor. */
const STANDBYS_SQL = `
  SELECT application_name AS name, coalesce(client_addr::text, 'local') AS address, state,
         pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END, replay_lsn)::text AS bytes,
         extract(epoch FROM replay_lag)::text AS seconds
    FROM pg_stat_replication ORDER BY replay_lsn NULLS FIRST LIMIT 50`;

/** What the server's flavour tells, and the lag of the replicas: as each configured one tells it, and as the primary sees all that follow it. */
export async function readFigures(
  handle: PgHandle,
  replicas: Replicas,
  signal: AbortSignal,
): Promise<StoreFigures> {
  const { standbys, flavour } = await handle.run({ signal, timeoutMs: TIMEOUT_MS }, async (session) => ({
    standbys: await session.query(STANDBYS_SQL),
    flavour: await flavourFigures(session),
  }));
  const states = await replicas.states(signal);
  return {
    figures: [...lagFigures(states, standbys), ...flavour.figures],
    breakdowns: [...lagOfReplicas(states), ...lagOfStandbys(standbys), ...flavour.breakdowns],
    notes: [...replicaLimits(states), ...flavour.notes],
  };
}

const known = (values: readonly (number | null)[]): number[] =>
  values.filter((value): value is number => value !== null);

const numberOf = (text: string | null | undefined): number | null => (text == null ? null : Number(text));

/** The worst of all, from whichever side tells: charted, so that a lag that comes and goes is seen. */
export function lagFigures(states: readonly ReplicaState[], standbys: readonly Row[]): Figure[] {
  if (states.length === 0 && standbys.length === 0) return [];
  const bytes = known([...states.map((one) => one.lagBytes), ...standbys.map((row) => numberOf(row.bytes))]);
  const seconds = known(
    states.length > 0 ? states.map((one) => one.lagSeconds) : standbys.map((row) => numberOf(row.seconds)),
  );
  const most = (values: number[]) => (values.length > 0 ? Math.max(...values) : null);
  const fresh = states.filter(({ state }) => state === "fresh").length;
  return [
    ...(states.length > 0
      ? [{ key: "replicasFresh", value: fresh, unit: "count", charted: true } as const]
      : []),
    { key: "replicaLagBytes", value: most(bytes), unit: "bytes", charted: true },
    // A standby that has nothing to replay reports no lag at all.
    { key: "replicaLagSeconds", value: most(seconds), unit: "seconds", charted: true },
  ];
}

function lagOfReplicas(states: readonly ReplicaState[]): Breakdown[] {
  if (states.length === 0) return [];
  const rows = (pick: (state: ReplicaState) => number | null) =>
    states
      .flatMap((one) => {
        const value = pick(one);
        return value === null ? [] : [{ label: one.name, value }];
      })
      .sort((a, b) => b.value - a.value);
  return [
    { key: "lagByReplica", unit: "bytes", rows: rows((one) => one.lagBytes) },
    { key: "delayByReplica", unit: "seconds", rows: rows((one) => one.lagSeconds) },
  ];
}

function lagOfStandbys(standbys: readonly Row[]): Breakdown[] {
  if (standbys.length === 0) return [];
  const rows = standbys.map((row) => ({
    label: `${row.name ?? ""} (${row.address ?? ""})`,
    value: Math.max(0, Number(row.bytes ?? 0)),
    ...(row.state && { note: row.state }),
  }));
  return [{ key: "lagByStandby", unit: "bytes", rows: rows.sort((a, b) => b.value - a.value) }];
}

const REPLICA_LIMITS: Readonly<Record<ReplicaState["state"], string | null>> = {
  fresh: null,
  late: "replicaLate",
  down: "replicaDown",
  primary: "replicaPrimary",
  stranger: "replicaStranger",
};

/** Why a replica that is configured does not answer reads now. */
export const replicaLimits = (states: readonly ReplicaState[]): Limit[] =>
  states.flatMap(({ name, state, lagBytes, lagSeconds, reason }) => {
    const key = REPLICA_LIMITS[state];
    if (!key) return [];
    const lag = { seconds: Math.round(lagSeconds ?? 0), bytes: lagBytes ?? 0 };
    return [{ key, severity: "warning" as const, details: { replica: name, ...lag, reason: reason ?? "" } }];
  });
