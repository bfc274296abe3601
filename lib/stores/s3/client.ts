import { type AgentOptions, Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { isIP } from "node:net";
import { checkServerIdentity, type PeerCertificate } from "node:tls";
import type { S3Client, S3ClientConfig } from "@aws-sdk/client-s3";
import { StoreError } from "@/lib/errors";
import { hostGuard } from "@/lib/stores/host-guard";
import { limitAnswer } from "@/lib/stores/s3/answer-limit";
import type { S3Config } from "@/lib/stores/s3/config";
import { aborted, toStoreError } from "@/lib/stores/s3/errors";
import type { OpenOptions } from "@/lib/stores/store";

const CONNECT_TIMEOUT_MS = 8_000;
/** Tries of one request: throttling (503, 429), resets and 500s are tried again with growing waits by the SDK. */
const ATTEMPTS = 3;

export type Sdk = typeof import("@aws-sdk/client-s3");

export interface CallOptions {
  signal: AbortSignal;
  /** Names the key or bucket in an error. */
  what: string;
  /** Longest the call may take; null: as long as bytes flow (the socket's own timeout). Default: the handle's. */
  timeoutMs?: number | null;
}

/** A client of one bucket, made when first needed. */
export class S3Handle {
  private made: Promise<S3Client> | null = null;
  /** The server as it names itself in its answers. */
  serverName = "";

  constructor(
    readonly config: S3Config,
    readonly options: OpenOptions,
  ) {}

  get bucket(): string {
    return this.config.bucket;
  }

  /** Same for handles of the same place: what is known about one holds for the other. */
  get place(): string {
    const { endpoint, region, bucket, prefix, accessKey } = this.config;
    return JSON.stringify([endpoint, region, bucket, prefix, accessKey]);
  }

  /** Runs one call. Throws a StoreError: cancelled or timeout by the signal, else what the server answered. */
  async call<T>(
    { signal, what, timeoutMs = this.options.timeoutMs }: CallOptions,
    work: (client: S3Client, sdk: Sdk, abortSignal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const limited =
      timeoutMs === null ? signal : AbortSignal.any([signal, AbortSignal.timeout(Math.max(1, timeoutMs))]);
    try {
      limited.throwIfAborted();
      this.made ??= this.connect();
      const client = await this.made;
      return await work(client, await import("@aws-sdk/client-s3"), limited);
    } catch (error) {
      if (limited.aborted && !(error instanceof StoreError)) throw aborted(limited, what);
      throw toStoreError(error, what);
    }
  }

  private async connect(): Promise<S3Client> {
    try {
      const { S3Client } = await import("@aws-sdk/client-s3");
      const client = new S3Client(await this.settings());
      client.middlewareStack.add(
        (next, { commandName }) =>
          async (args) => {
            const result = await next(args);
            limitAnswer(result.response, commandName, this.bucket);
            this.serverName = serverOf(result.response) || this.serverName;
            return result;
          },
        { step: "deserialize", name: "strataServerName", priority: "low" },
      );
      return client;
    } catch (error) {
      this.made = null; // a host that is allowed later must not stay refused
      throw error;
    }
  }

  /** Everything is named: what is not would be looked for in the machine's environment and in ~/.aws. */
  private async settings(): Promise<S3ClientConfig> {
    const { config, options } = this;
    const checksums = config.checksums === "when-supported" ? "WHEN_SUPPORTED" : "WHEN_REQUIRED";
    const agents = await this.agents();
    return {
      region: config.region,
      endpoint: endpointOf(config),
      forcePathStyle: config.addressing === "path",
      credentials: {
        accessKeyId: config.accessKey,
        secretAccessKey: config.secretKey,
        ...(config.sessionToken && { sessionToken: config.sessionToken }),
      },
      requestChecksumCalculation: checksums,
      responseChecksumValidation: checksums,
      maxAttempts: ATTEMPTS,
      retryMode: "standard",
      defaultsMode: "standard",
      useDualstackEndpoint: false,
      useFipsEndpoint: false,
      useArnRegion: false,
      disableMultiregionAccessPoints: true,
      disableS3ExpressSessionAuth: true,
      userAgentAppId: "strata",
      requestHandler: {
        connectionTimeout: Math.min(CONNECT_TIMEOUT_MS, options.timeoutMs),
        socketTimeout: options.timeoutMs,
        httpAgent: agents,
        httpsAgent: agents,
      },
    };
  }

  private async agents() {
    const { config, options } = this;
    const guard = hostGuard(options.allowedHosts);
    const endpoint = new URL(endpointOf(config));
    await guard.check(bareHost(endpoint));
    const tls = {
      ...(config.ca?.trim() && { ca: config.ca }),
      rejectUnauthorized: config.ssl === "verify-full",
    };
    // A put sends several parts at once, and reads go on meanwhile.
    const pool: AgentOptions = { keepAlive: true, maxSockets: Math.max(8, options.connections * 4) };
    if (config.proxy !== "") return this.proxyAgent(guard, pool, tls);
    return endpoint.protocol === "https:"
      ? new HttpsAgent({ ...pool, ...tls, lookup: guard.lookup })
      : new HttpAgent({ ...pool, lookup: guard.lookup });
  }

  private async proxyAgent(guard: ReturnType<typeof hostGuard>, pool: AgentOptions, tls: object) {
    const { HttpsProxyAgent } = await import("https-proxy-agent");
    const { proxy, proxyUser, proxyPassword } = this.config;
    const address = new URL(proxy);
    await guard.check(bareHost(address));
    address.username = encodeURIComponent(proxyUser);
    address.password = encodeURIComponent(proxyPassword ?? "");
    const agent = new HttpsProxyAgent(address, { ...pool, lookup: guard.lookup });
    // The certificate's authority is the server's, behind the proxy: it belongs to the request, not to the tunnel.
    Object.assign(agent.options, tls, ipIdentity(this.config.endpoint));
    return agent;
  }

  async close(): Promise<void> {
    const client = await this.made?.catch(() => null);
    this.made = null;
    client?.destroy();
  }
}

/** AWS by the region where no endpoint is given; named too, as AWS_ENDPOINT_URL would be read otherwise. */
function endpointOf({ endpoint, region }: S3Config): string {
  if (endpoint !== "") return endpoint;
  return `https://s3.${region}.amazonaws.com${region.startsWith("cn-") ? ".cn" : ""}`;
}

const bareHost = (url: URL): string => url.hostname.replace(/^\[|\]$/g, "");

/** The agent leaves the host out of the handshake when it is an address, and Node would look for `localhost`. */
function ipIdentity(endpoint: string) {
  const host = endpoint === "" ? "" : bareHost(new URL(endpoint));
  if (isIP(host) === 0) return {};
  return {
    checkServerIdentity: (_host: string, certificate: PeerCertificate) =>
      checkServerIdentity(host, certificate),
  };
}

function serverOf(response: unknown): string {
  if (typeof response !== "object" || response === null || !("headers" in response)) return "";
  const { headers } = response;
  if (typeof headers !== "object" || headers === null || !("server" in headers)) return "";
  return typeof headers.server === "string" ? headers.server.slice(0, 60) : "";
}
