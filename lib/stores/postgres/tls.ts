import type { ConnectionOptions } from "node:tls";
import { StoreError } from "@/lib/errors";
import type { HostGuard } from "@/lib/stores/host-guard";
import type { PostgresConfig } from "@/lib/stores/postgres/config";
import { toStoreError } from "@/lib/stores/postgres/errors";
import { connectTo, type Place } from "@/lib/stores/postgres/socket";

/** PostgreSQL's SSLRequest: length 8, code 80877103 (protocol-message-formats). */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);

/** Asks the server whether it speaks TLS at all: node-pg's own error for this has no code to tell it by. */
function offersTls(place: Place, guard: HostGuard, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connectTo(place, guard);
    const fail = (error: unknown) => {
      socket.destroy();
      reject(toStoreError(error));
    };
    socket.setTimeout(timeoutMs, () => fail(Object.assign(new Error("timed out"), { code: "ETIMEDOUT" })));
    socket.once("error", fail);
    socket.once("close", () => fail(Object.assign(new Error("closed"), { code: "ECONNRESET" })));
    socket.once("connect", () => socket.write(SSL_REQUEST));
    socket.once("data", (data) => {
      resolve(data[0] === 0x53);
      socket.destroy();
    });
  });
}

/** What node-pg needs for the chosen mode; false is plain text. Throws unreachable when TLS is required and refused. */
export async function tlsOptions(
  config: PostgresConfig,
  guard: HostGuard,
  timeoutMs: number,
): Promise<ConnectionOptions | false> {
  if (config.ssl === "disable" || config.host.startsWith("/")) return false;
  const offered = await offersTls(config, guard, timeoutMs);
  if (!offered && config.ssl === "prefer") return false;
  if (!offered) {
    throw new StoreError(
      "unreachable",
      "The server refuses TLS. Nothing was sent to it. Turn TLS on there, or choose prefer or disable.",
      { key: "postgres.tlsRefused", retryable: false },
    );
  }
  const ca = config.ca?.trim() ? { ca: config.ca } : {};
  return config.ssl === "verify-full" ? { ...ca, rejectUnauthorized: true } : { rejectUnauthorized: false };
}
