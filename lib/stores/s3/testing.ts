import { randomBytes } from "node:crypto";
import { CreateBucketCommand, DeleteBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { db } from "@/lib/control/database";
import { encrypt } from "@/lib/control/secret";
import { type S3Config, s3ConfigSchema } from "@/lib/stores/s3/config";
import { s3Driver } from "@/lib/stores/s3/store";
import type { OpenOptions, Store } from "@/lib/stores/store";
import type { TestServer } from "@/lib/stores/testing/server-file";

/** An empty bucket of a test server, and how to open it. */
export interface TestBucket {
  config: S3Config;
  /** A client without anything of Strata's around it. */
  client: S3Client;
  open(access?: OpenOptions["access"], more?: Partial<S3Config & { timeoutMs: number }>): Store;
  remove(): Promise<void>;
}

export async function testBucket(server: TestServer, prefix = ""): Promise<TestBucket> {
  const bucket = `strata-${randomBytes(6).toString("hex")}`;
  const config = s3ConfigSchema.parse({
    endpoint: `http://${server.host}:${server.port}`,
    region: server.parameters.region,
    bucket,
    prefix,
    accessKey: server.user,
    secretKey: server.password,
  });
  const client = new S3Client({
    endpoint: config.endpoint,
    region: config.region,
    forcePathStyle: true,
    credentials: { accessKeyId: config.accessKey, secretAccessKey: config.secretKey },
  });
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  const stores: Store[] = [];
  const open: TestBucket["open"] = (access = "write", { timeoutMs = 20_000, ...more } = {}) => {
    const store = s3Driver.open(
      { ...config, ...more },
      { access, name: "strata test", timeoutMs, connections: 4 },
    );
    stores.push(store);
    return store;
  };
  const remove = async () => {
    const signal = AbortSignal.timeout(30_000);
    const everything = open("write", { prefix: "" }).objects;
    for await (const { key } of everything?.list("", signal) ?? []) await everything?.delete(key, signal);
    await Promise.all(stores.map((store) => store.close()));
    await client.send(new DeleteBucketCommand({ Bucket: bucket })).catch(() => undefined);
    client.destroy();
  };
  return { config, client, open, remove };
}

/** The bucket as a configured store of the test's control DB, with writes enabled. Returns its id. */
export async function addBucket(bucket: TestBucket, name = "bucket"): Promise<string> {
  const { secretKey, sessionToken, proxyPassword, ...config } = bucket.config;
  const { id } = await db().store.create({ data: { name, kind: "s3", config, writesEnabled: true } });
  const secretCipher = encrypt(JSON.stringify({ secretKey, sessionToken, proxyPassword }), id);
  await db().store.update({ where: { id }, data: { secretCipher } });
  return id;
}
