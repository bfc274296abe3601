/** What a server answers, in RESP2 with bytes as they are. Errors are thrown, never returned. */
export type Reply = Buffer | number | null | readonly Reply[];

export const textOf = (reply: Reply | undefined): string =>
  Buffer.isBuffer(reply) ? reply.toString("utf8") : typeof reply === "number" ? String(reply) : "";

export const numberOf = (reply: Reply | undefined): number => Number(textOf(reply) || 0);

export const listOf = (reply: Reply | undefined): readonly Reply[] => (Array.isArray(reply) ? reply : []);

export const bufferOf = (reply: Reply | undefined): Buffer =>
  Buffer.isBuffer(reply) ? reply : Buffer.from(textOf(reply));

/** A flat list of names and values (`XINFO`, `CONFIG GET`) by name. */
export function pairsOf(reply: Reply | undefined): Map<string, Reply> {
  const list = listOf(reply);
  const pairs = new Map<string, Reply>();
  for (let at = 0; at + 1 < list.length; at += 2) pairs.set(textOf(list[at]), list[at + 1] ?? null);
  return pairs;
}

/** The lines `name:value` of INFO. */
export function infoOf(reply: Reply | undefined): Map<string, string> {
  const lines = new Map<string, string>();
  for (const line of textOf(reply).split(/\r?\n/)) {
    const colon = line.indexOf(":");
    if (colon > 0 && !line.startsWith("#")) lines.set(line.slice(0, colon), line.slice(colon + 1));
  }
  return lines;
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The text of these bytes, null when they are not UTF-8: nothing is ever replaced. */
export function exactText(bytes: Uint8Array): string | null {
  try {
    return utf8.decode(bytes);
  } catch {
    return null;
  }
}
