import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { env } from "@/lib/env";
import { AppError } from "@/lib/errors";

/** What STRATA_DATA/postgres.json holds: where the embedded PostgreSQL listens and how to sign in to it. */
const addressSchema = z.object({
  port: z.number().int().min(1).max(65535),
  user: z.string().min(1),
  password: z.string().min(1),
});

export type EmbeddedAddress = z.infer<typeof addressSchema>;

export const CONTROL_DATABASE = "strata";

export const addressFile = (dataDir: string): string => join(dataDir, "postgres.json");

/** The stored address of the embedded PostgreSQL of a data folder, or null where none was made yet. */
export function readAddress(dataDir: string): EmbeddedAddress | null {
  let text: string;
  try {
    text = readFileSync(/* turbopackIgnore: true */ addressFile(dataDir), "utf8");
  } catch {
    return null;
  }
  try {
    return addressSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new AppError(
      "corrupt",
      `${addressFile(dataDir)} cannot be read. The data of Strata's own database is untouched; put the file back from a backup.`,
      { cause },
    );
  }
}

export function addressUrl(address: EmbeddedAddress, database: string): string {
  return `postgres://${address.user}:${encodeURIComponent(address.password)}@127.0.0.1:${address.port}/${encodeURIComponent(database)}`;
}

/**
 * The control DB's URL: DATABASE_URL, or the embedded PostgreSQL of STRATA_DATA.
 * Throws `unreachable` when there is neither, which means that Strata was never started with this folder.
 */
export function controlUrl(): string {
  const { DATABASE_URL, STRATA_DATA } = env();
  if (DATABASE_URL) return DATABASE_URL;
  const address = readAddress(STRATA_DATA);
  if (address) return addressUrl(address, CONTROL_DATABASE);
  throw new AppError(
    "unreachable",
    `Strata's own database was not found. Start Strata first (npm start), or set DATABASE_URL. Looked in ${STRATA_DATA}.`,
    { key: "controlMissing", details: { folder: STRATA_DATA } },
  );
}
