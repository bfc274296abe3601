import { z } from "zod";

/** Facts of this installation, for administrators. Nothing secret. */
export interface SettingsDto {
  version: string;
  dataFolder: string;
  database: { embedded: boolean; version: string; sizeBytes: number; latencyMs: number };
  workers: { workerId: string; host: string; pid: number; startedAt: string; seenAt: string }[];
  samples: { rawSizeBytes: number; hourSizeBytes: number; oldestAt: string | null };
  catalogue: CatalogueDto | null;
  /** Hosts that may be reached although their address is link-local or a metadata service. */
  allowedHosts: string[];
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

export const setAllowedHostsSchema = z.object({
  hosts: z
    .array(
      z
        .string()
        .regex(
          /^[A-Za-z0-9._:-]{1,253}$/,
          "A host is a name or an address, one a line, without port or scheme.",
        ),
    )
    .max(50),
});
export type SetAllowedHostsInput = z.input<typeof setAllowedHostsSchema>;
