/** Facts of this installation, for administrators. Nothing secret. */
export interface SettingsDto {
  version: string;
  dataFolder: string;
  database: { embedded: boolean; version: string; sizeBytes: number; latencyMs: number };
  workers: { workerId: string; host: string; pid: number; startedAt: string; seenAt: string }[];
  samples: { rawSizeBytes: number; hourSizeBytes: number; oldestAt: string | null };
  catalogue: CatalogueDto | null;
  demo: boolean;
}

/** Manifests in the object stores against the catalogue. */
export interface CatalogueDto {
  at: string;
  stores: {
    storeId: string;
    name: string;
    manifests: number;
    segments: number;
    /** In the object store only: a rebuild adds them. */
    unknown: string[];
    /** In the catalogue only: their manifest or file is gone. */
    missing: string[];
    failure: string | null;
  }[];
}
