import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { createPrivateOnce } from "@/lib/control/files";
import { env } from "@/lib/env";
import { AppError } from "@/lib/errors";

const VERSION = 1;
const IV_BYTES = 12; // what GCM is defined for
const TAG_BYTES = 16;

let master: string | undefined;

/**
 * The installation's one secret: STRATA_SECRET, or STRATA_DATA/secret.key, which is created once (0600).
 * Whoever loses it can no longer read the stored passwords of stores; they are then entered again.
 */
export function masterSecret(): string {
  if (master) return master;
  const { STRATA_SECRET, STRATA_DATA } = env();
  master = STRATA_SECRET ?? readOrCreateKey(STRATA_DATA);
  return master;
}

/** Forgets the secret that was read: for tests that change the environment. */
export function forgetSecret(): void {
  master = undefined;
}

function readOrCreateKey(dataDir: string): string {
  mkdirSync(dataDir, { recursive: true });
  const path = join(/* turbopackIgnore: true */ dataDir, "secret.key");
  const key = createPrivateOnce(path, () => `${randomBytes(32).toString("base64url")}\n`).trim();
  if (key.length >= 32) return key;
  throw new AppError(
    "corrupt",
    `${path} is too short to be Strata's key. Put it back from a backup: without it stored passwords cannot be read.`,
  );
}

/** A key for one purpose, 32 bytes: the same purpose always gives the same key, different ones are unrelated. */
export function derivedKey(purpose: string): Buffer {
  return Buffer.from(hkdfSync("sha256", masterSecret(), "strata", purpose, 32));
}

/**
 * AES-256-GCM of a text: version, nonce, tag, cipher text.
 * `context` (such as a store's id) is bound to it: moved to another row, it no longer decrypts.
 */
export function encrypt(plain: string, context: string): Uint8Array<ArrayBuffer> {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv("aes-256-gcm", derivedKey("secrets"), iv, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(context, "utf8"));
  const body = Buffer.concat([cipher.update(plain, "utf8"), cipher.final()]);
  return new Uint8Array(Buffer.concat([Buffer.from([VERSION]), iv, cipher.getAuthTag(), body]));
}

/** The text that `encrypt` was given with the same context. Throws `corrupt` when bytes, context or key differ. */
export function decrypt(sealed: Uint8Array, context: string): string {
  const bytes = Buffer.from(sealed);
  const header = 1 + IV_BYTES + TAG_BYTES;
  if (bytes.length < header || bytes[0] !== VERSION) throw unreadable();
  const iv = bytes.subarray(1, 1 + IV_BYTES);
  const decipher = createDecipheriv("aes-256-gcm", derivedKey("secrets"), iv, { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(context, "utf8"));
  decipher.setAuthTag(bytes.subarray(1 + IV_BYTES, header));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(header)), decipher.final()]).toString("utf8");
  } catch (cause) {
    throw unreadable(cause);
  }
}

function unreadable(cause?: unknown): AppError {
  return new AppError(
    "corrupt",
    "A stored password cannot be read: Strata's secret is not the one it was stored with, or the bytes were changed. Enter the password again.",
    { key: "secretUnreadable", cause },
  );
}
