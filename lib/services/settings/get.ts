import { authorize } from "@/lib/auth/authorize";
import { readAddress } from "@/lib/control/address";
import { allowedHosts } from "@/lib/control/allowed-hosts";
import { db, pool } from "@/lib/control/database";
import { env } from "@/lib/env";
import type { CatalogueDto, SettingsDto } from "@/lib/schemas/settings";
import type { Actor } from "@/lib/schemas/user";
import { VERSION } from "@/lib/services/settings/version";
import { stored } from "@/lib/services/stored-json";

/** Under which the last comparison of the catalogue is kept. */
export const CATALOGUE_KEY = "catalogue.compared";

interface Facts {
  version: string;
  size: string;
  raw: string;
  hour: string;
  oldest: Date | null;
}

/** The supervisor hands its own PostgreSQL on as DATABASE_URL: it is told by the password that only that one has. */
function isEmbedded(): boolean {
  const { DATABASE_URL, STRATA_DATA } = env();
  if (DATABASE_URL === undefined) return true;
  const own = readAddress(STRATA_DATA);
  // A URL of a socket has no host, which the parser refuses: it is somebody's own.
  return own !== null && URL.parse(DATABASE_URL)?.password === encodeURIComponent(own.password);
}

/** Facts of this installation. Nothing secret. */
export async function getSettings(actor: Actor): Promise<SettingsDto> {
  authorize(actor, "settings.read");
  const started = performance.now();
  const { rows } = await pool().query<Facts>(
    `SELECT current_setting('server_version') AS version, pg_database_size(current_database()) AS size,
       (SELECT coalesce(sum(pg_total_relation_size(inhrelid)), 0) FROM pg_inherits
        WHERE inhparent = 'samples.raw'::regclass) AS raw,
       (SELECT coalesce(sum(pg_total_relation_size(inhrelid)), 0) FROM pg_inherits
        WHERE inhparent = 'samples.hour'::regclass) AS hour,
       (SELECT min(at) FROM samples.hour) AS oldest`,
  );
  const latencyMs = performance.now() - started;
  const [workers, compared] = await Promise.all([
    db().workerNode.findMany({ orderBy: { startedAt: "asc" }, take: 100 }),
    db().setting.findUnique({ where: { key: CATALOGUE_KEY } }),
  ]);
  const row = rows[0];
  return {
    version: VERSION,
    dataFolder: env().STRATA_DATA,
    database: {
      embedded: isEmbedded(),
      version: row?.version ?? "",
      sizeBytes: Number(row?.size ?? 0),
      latencyMs,
    },
    workers: workers.map((worker) => ({
      workerId: worker.id,
      host: worker.host,
      pid: worker.pid,
      startedAt: worker.startedAt.toISOString(),
      seenAt: worker.seenAt.toISOString(),
    })),
    samples: {
      rawSizeBytes: Number(row?.raw ?? 0),
      hourSizeBytes: Number(row?.hour ?? 0),
      oldestAt: row?.oldest?.toISOString() ?? null,
    },
    allowedHosts: [...(await allowedHosts())],
    catalogue: stored<CatalogueDto>(compared?.value),
    demo: env().STRATA_DEMO === "1",
  };
}
