import { Socket } from "node:net";
import type { HostGuard } from "@/lib/stores/host-guard";

/** Where a server listens: a host and a port, or the folder of its socket. */
export interface Place {
  host: string;
  port: number;
}

const isFolder = (host: string): boolean => host.startsWith("/");

/** What `net` connects to. A name is resolved by the guard alone: what it checked is what is connected to. */
const target = ({ host, port }: Place, guard: HostGuard) =>
  isFolder(host) ? { path: `${host}/.s.PGSQL.${port}` } : { host, port, lookup: guard.lookup };

/** Throws `refused` when the host is an address, or leads to one, that no store may have. */
export async function checkPlace({ host }: Place, guard: HostGuard): Promise<void> {
  if (!isFolder(host)) await guard.check(host);
}

/** A connection on its way. Call `checkPlace` first: an address is not looked up, so its guard is never asked. */
export const connectTo = (place: Place, guard: HostGuard): Socket =>
  new Socket().connect(target(place, guard));

/** For node-pg, which connects the socket it is given by itself: this one connects only where the guard lets it. */
export function guardedSocket(place: Place, guard: HostGuard): Socket {
  const socket = new Socket();
  const connect = socket.connect.bind(socket);
  socket.connect = () => connect(target(place, guard));
  return socket;
}
