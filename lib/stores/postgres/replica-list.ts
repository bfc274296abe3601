import type { Place } from "@/lib/stores/postgres/socket";

/** More read replicas than this no primary feeds by itself. */
export const MAX_REPLICAS = 8;

/** `host`, `host:5432`, `[::1]:5432`. */
const LINE = /^(?:\[([0-9a-fA-F:.%]+)\]|([^\s:/?#@[\]]+))(?::(\d{1,5}))?$/;

/** One line of the field, or one host of an address. Null: it is neither a host nor host:port. */
export function parsePlace(text: string, defaultPort: number): Place | null {
  const [, literal, name, digits] = LINE.exec(text.trim()) ?? [];
  const host = literal ?? name;
  const port = digits === undefined ? defaultPort : Number(digits);
  return host === undefined || port < 1 || port > 65_535 ? null : { host, port };
}

/** The lines of the field `replicas`, without empty ones. */
export const replicaLines = (text: string | undefined): string[] =>
  (text ?? "")
    .split(/[\n,]/)
    .map((line) => line.trim())
    .filter((line) => line !== "");

/** Where the replicas listen. Lines that are none are left out: the schema refuses them. */
export const replicaPlaces = (text: string | undefined, defaultPort: number): Place[] =>
  replicaLines(text).flatMap((line) => parsePlace(line, defaultPort) ?? []);

/** How a place is written: brackets around an IPv6 address. */
export const placeName = ({ host, port }: Place): string =>
  host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
