import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";

/** What a test wants answered instead; null: as usual. */
export type Answer = { status: number; body?: string; type?: string } | null;

/**
 * A double of an S3 server that overwrites: it knows no If-None-Match, as older servers do, and answers what a test
 * tells it to. Signatures are not looked at.
 */
export interface S3Double {
  port: number;
  /** Requests so far, as `METHOD path?query`. */
  readonly seen: string[];
  readonly objects: Map<string, Buffer>;
  answer(hook: (request: IncomingMessage) => Answer): void;
  close(): Promise<void>;
}

export const xmlError = (code: string): string =>
  `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`;

export async function startDouble(tls?: { key: string; cert: string }): Promise<S3Double> {
  const seen: string[] = [];
  const objects = new Map<string, Buffer>();
  const marks = new Map<string, Record<string, string>>();
  let rules = "";
  let hook: (request: IncomingMessage) => Answer = () => null;
  const onRequest: Parameters<typeof createServer>[1] = async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://double");
    seen.push(`${request.method} ${request.url}`);
    const forced = hook(request);
    const send = (status: number, text: string | Buffer = "", headers: Record<string, string> = {}) =>
      response.writeHead(status, { server: "double", ...headers }).end(request.method === "HEAD" ? "" : text);
    const key = decodeURIComponent(pathname);
    if (searchParams.has("lifecycle") && !forced) {
      if (request.method === "PUT") rules = body.toString();
      if (request.method === "DELETE") rules = "";
      if (rules) send(200, request.method === "GET" ? rules : "");
      else send(request.method === "GET" ? 404 : 204, xmlError("NoSuchLifecycleConfiguration"));
    } else if (forced)
      send(forced.status, forced.body ?? "", { "content-type": forced.type ?? "application/xml" });
    else if (searchParams.has("list-type"))
      send(200, listing(objects, key, searchParams.get("prefix") ?? ""));
    else if (searchParams.has("uploads"))
      send(200, "<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>");
    else if (request.method === "POST")
      send(200, "<CompleteMultipartUploadResult><ETag>x</ETag></CompleteMultipartUploadResult>");
    else if (request.method === "PUT") {
      if (!searchParams.has("partNumber")) objects.set(key, body);
      marks.set(key, marksOf(request));
      send(200, "", { etag: `"${createHash("md5").update(body).digest("hex")}"` });
    } else if (request.method === "DELETE") {
      objects.delete(key);
      send(204);
    } else if (searchParams.size > 0 && !searchParams.has("x-id")) send(501, xmlError("NotImplemented"));
    else {
      const found = objects.get(key);
      if (found) send(200, found, { ...marks.get(key), "content-length": String(found.length) });
      else send(404, xmlError("NoSuchKey"));
    }
  };
  const server: Server = tls ? createTlsServer(tls, onRequest) : createServer(onRequest);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    seen,
    objects,
    answer: (next) => {
      hook = next;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

const marksOf = ({ headers }: IncomingMessage): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      name.startsWith("x-amz-meta-") && typeof value === "string" ? [[name, value]] : [],
    ),
  );

const listing = (objects: Map<string, Buffer>, bucket: string, prefix: string): string =>
  `<ListBucketResult><Name>b</Name><IsTruncated>false</IsTruncated>${[...objects]
    .map(([path, body]) => ({ key: path.slice(bucket.replace(/\/$/, "").length + 1), body }))
    .filter(({ key }) => key.startsWith(prefix))
    .map(({ key, body }) => `<Contents><Key>${key}</Key><Size>${body.length}</Size></Contents>`)
    .join("")}</ListBucketResult>`;
