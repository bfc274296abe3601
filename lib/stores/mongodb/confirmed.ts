import type { Document } from "mongodb";
import { StoreError } from "@/lib/errors";

/**
 * The answer to a command that writes, unless the server could not say that the write lasts: it is `ok`, with a count,
 * also when the primary steps down or most members are away. The next primary may know nothing of such a write.
 */
export function confirmed(answer: Document): Document {
  const { writeConcernError } = answer;
  if (writeConcernError)
    throw unconfirmed(String(writeConcernError.errmsg ?? writeConcernError.codeName ?? ""));
  return answer;
}

export const unconfirmed = (server: string) =>
  new StoreError(
    "unreachable",
    `Most members of the replica set have not confirmed what was written: a failover now could forget it. Nothing is deleted on its account; it is tried again. The server said: ${server}`,
    { key: "mongodb.unconfirmed", details: { server }, retryable: true },
  );
