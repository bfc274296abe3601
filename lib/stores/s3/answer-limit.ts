import { Readable, Transform } from "node:stream";
import { notS3 } from "@/lib/stores/s3/errors";

/** A page of a listing with a thousand of the longest keys is a tenth of it. */
export const MAX_ANSWER_BYTES = 32 * 1024 * 1024;

interface Answer {
  statusCode?: unknown;
  body?: unknown;
}

const isAnswer = (response: unknown): response is Answer => typeof response === "object" && response !== null;

/**
 * Puts an end to what a client would collect whole: listings, settings and refusals. The bytes of an object are read
 * as they come, by who asked for them, and are left alone.
 */
export function limitAnswer(response: unknown, command: string | undefined, what: string): void {
  if (!isAnswer(response) || !(response.body instanceof Readable)) return;
  const isObject = command === "GetObjectCommand" && Number(response.statusCode) < 300;
  if (!isObject) response.body = limited(response.body, what);
}

function limited(body: Readable, what: string): Readable {
  let bytes = 0;
  const limit = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes <= MAX_ANSWER_BYTES) return done(null, chunk);
      body.destroy();
      return done(notS3(what));
    },
  });
  // Not `pipeline`: the client looks for errors on what it was given alone.
  body.once("error", (error) => limit.destroy(error));
  body.once("close", () => body.readableEnded || limit.destroy(cutOff()));
  return body.pipe(limit);
}

const cutOff = () => Object.assign(new Error("aborted"), { code: "ECONNRESET" });
