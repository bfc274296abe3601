import { type LookupAddress, type LookupOptions, lookup as resolve } from "node:dns";
import { BlockList, isIP } from "node:net";
import { StoreError } from "@/lib/errors";

/**
 * Addresses that no log store has but a cloud's metadata service does: whoever may type a host must not be able to
 * read the machine's credentials with it. RFC 3927, RFC 4291 2.5.6; AWS, Aliyun and Oracle name theirs in their manuals.
 */
const forbidden = new BlockList();
forbidden.addSubnet("169.254.0.0", 16, "ipv4");
forbidden.addSubnet("fe80::", 10, "ipv6");
forbidden.addAddress("fd00:ec2::254", "ipv6");
forbidden.addAddress("100.100.100.200", "ipv4");
forbidden.addAddress("192.0.0.192", "ipv4");
forbidden.addSubnet("::ffff:169.254.0.0", 112, "ipv6");
forbidden.addAddress("::ffff:100.100.100.200", "ipv6");
forbidden.addAddress("168.63.129.16", "ipv4"); // Azure's wire server
forbidden.addAddress("fd20:ce::254", "ipv6"); // Google's, by IPv6
// The same addresses in IPv6 clothes: IPv4-compatible, and as a NAT64 gateway takes them (RFC 6052).
for (const prefix of ["::", "64:ff9b::"]) {
  forbidden.addSubnet(`${prefix}a9fe:0`, 112, "ipv6");
  for (const last of ["6464:64c8", "c000:c0", "a83f:8110"]) forbidden.addAddress(`${prefix}${last}`, "ipv6");
}

const isForbidden = (address: string): boolean =>
  isIP(address) !== 0 && forbidden.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");

function refused(host: string, address: string): StoreError {
  return new StoreError(
    "refused",
    `${host} leads to ${address}, a link-local or metadata address. Strata did not connect. Use the store's own address, or have an admin allow this host in the settings.`,
    { key: "hostForbidden", details: { host, address } },
  );
}

type Callback = (
  error: NodeJS.ErrnoException | null,
  address: string | LookupAddress[],
  family?: number,
) => void;

export interface HostGuard {
  /** For `net.connect` and every client that takes a `lookup`: what it checked is what is connected to. */
  lookup(host: string, options: LookupOptions, callback: Callback): void;
  /** Resolves a host and throws `refused` when it leads to a forbidden address: for clients without `lookup`. */
  check(host: string): Promise<void>;
}

/** Refuses link-local and metadata addresses, save for hosts an admin allowed by name. */
export function hostGuard(allowedHosts: readonly string[] = []): HostGuard {
  const allowed = new Set(allowedHosts.map((host) => host.toLowerCase()));
  const offending = (host: string, found: readonly LookupAddress[]): string | undefined =>
    allowed.has(host.toLowerCase()) ? undefined : found.find(({ address }) => isForbidden(address))?.address;
  return {
    lookup(host, options, callback) {
      resolve(host, { ...options, all: true }, (error, found) => {
        if (error) return callback(error, "");
        const bad = offending(host, found);
        if (bad) return callback(refused(host, bad), "");
        if (options.all) return callback(null, found);
        const [first] = found;
        return callback(null, first?.address ?? "", first?.family);
      });
    },
    async check(host) {
      const found = isIP(host) !== 0 ? [{ address: host, family: isIP(host) }] : await resolved(host);
      const bad = offending(host, found);
      if (bad) throw refused(host, bad);
    },
  };
}

/** A host that does not resolve is the client's to report, in its own words. */
const resolved = (host: string): Promise<LookupAddress[]> =>
  new Promise((done) => {
    resolve(host, { all: true }, (error, found) => done(error ? [] : found));
  });
