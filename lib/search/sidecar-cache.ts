import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { corrupt, localCopy } from "@/lib/segments/local";
import type { Manifest } from "@/lib/segments/segment";
import { openSidecar, type Sidecar } from "@/lib/segments/sidecar";
import type { ObjectAccess } from "@/lib/stores/store";

/** Sidecars of some 150 segments of 50 MB of text. */
const MAX_BYTES = 128 << 20;

const held = new Map<string, { sidecar: Sidecar; sizeBytes: number }>();
let heldBytes = 0;

/**
 * The sidecar of a segment, from memory when it is held there. Null when the segment has none. Throws not_found
 * or corrupt: the caller then opens the segment without it.
 */
export async function sidecarOf(
  objects: ObjectAccess,
  manifest: Manifest,
  signal: AbortSignal,
): Promise<Sidecar | null> {
  const wanted = manifest.sidecar;
  if (!wanted) return null;
  const known = held.get(wanted.sha256);
  if (known) return known.sidecar;
  const bytes = await readFile(await localCopy(objects, wanted, signal));
  if (createHash("sha256").update(bytes).digest("hex") !== wanted.sha256)
    throw corrupt(wanted.key, "contentDiffers");
  const sidecar = openSidecar(bytes);
  keep(wanted.sha256, sidecar, bytes.byteLength);
  return sidecar;
}

function keep(sha256: string, sidecar: Sidecar, sizeBytes: number): void {
  if (held.has(sha256)) return;
  held.set(sha256, { sidecar, sizeBytes });
  heldBytes += sizeBytes;
  // Any one may go: a search looks at all of them in turn, and the longest unused would be the next one needed.
  const others = [...held.keys()].filter((each) => each !== sha256);
  while (heldBytes > MAX_BYTES && others.length > 0) {
    const [gone = ""] = others.splice(Math.floor(Math.random() * others.length), 1);
    heldBytes -= held.get(gone)?.sizeBytes ?? 0;
    held.delete(gone);
  }
}
