import { createServer } from "node:net";
import { hasErrno } from "@/lib/control/files";
import { AppError } from "@/lib/errors";

/** The wanted port if it is free on the host, else one that the system gives. */
export async function freePort(wanted: number, host = "127.0.0.1"): Promise<number> {
  const open = (await tryPort(wanted, host)) ?? (await tryPort(0, host));
  if (open !== null) return open;
  throw new AppError("internal", `No port is free on ${host}.`);
}

/** The wanted port or the first free one of the fifty after it. */
export async function nextFreePort(wanted: number, host: string): Promise<number> {
  for (let port = wanted; port < wanted + 50 && port <= 65_535; port++) {
    if ((await tryPort(port, host)) !== null) return port;
  }
  return freePort(0, host);
}

function tryPort(port: number, host: string): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", (error) => {
      if (hasErrno(error, "EADDRINUSE") || hasErrno(error, "EACCES")) resolve(null);
      else reject(error);
    });
    probe.listen({ port, host, exclusive: true }, () => {
      const address = probe.address();
      const found = typeof address === "object" && address ? address.port : null;
      probe.close(() => resolve(found));
    });
  });
}
