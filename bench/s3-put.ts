import { randomBytes } from "node:crypto";
import { createReadStream, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateBucketCommand, DeleteBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { s3ConfigSchema } from "@/lib/stores/s3/config";
import { s3Driver } from "@/lib/stores/s3/store";
import type { ObjectAccess } from "@/lib/stores/store";
import { findServer } from "@/lib/stores/testing/server-file";
import { type Bench, type BenchResult, median } from "./bench";

const SEGMENTS = 8;
const SEGMENT_BYTES = 64 << 20;
const PARALLEL = 4;
const LEAST_RATIO = 0.9;

interface Rig {
  bucket: string;
  client: S3Client;
  objects: ObjectAccess;
  paths: string[];
  close(): Promise<void>;
}

/** Segments put create-only and hashed, against the SDK's own upload of the same files; four at a time both. */
export const bench: Bench = {
  name: "s3-put",
  summary:
    "segments into MinIO, create-only and hashed, against lib-storage's Upload of the same files, 4 parallel",
  async run({ scale, rounds, say }): Promise<BenchResult[]> {
    const rig = await openRig(Math.max(1 << 20, Math.round(SEGMENT_BYTES * scale)));
    try {
      const [works, plains, ratios]: number[][] = [[], [], []];
      await round(rig, "warm-up", putAll);
      await round(rig, "warm-up", uploadAll);
      for (let at = 0; at < rounds; at += 1) {
        // Whoever goes second finds a warmer disk: they take turns.
        const first = at % 2 === 0 ? putAll : uploadAll;
        const second = first === putAll ? uploadAll : putAll;
        const speeds = new Map([
          [first, await round(rig, `${at}-a`, first)],
          [second, await round(rig, `${at}-b`, second)],
        ]);
        const [work = 0, plain = 1] = [speeds.get(putAll), speeds.get(uploadAll)];
        works?.push(work);
        plains?.push(plain);
        ratios?.push(work / plain);
        say(`round ${at + 1}: put ${work.toFixed(0)} MB/s, Upload ${plain.toFixed(0)} MB/s`);
      }
      return [
        {
          label: "",
          figure: median(works ?? []),
          unit: "MB/s",
          baseline: median(plains ?? []),
          ratio: median(ratios ?? []),
          target: { op: ">=", value: LEAST_RATIO },
        },
      ];
    } finally {
      await rig.close();
    }
  },
};

async function openRig(segmentBytes: number): Promise<Rig> {
  const server = findServer("minio", (name) => process.env[name]);
  if (!server) throw new Error("MinIO is not here: npm run servers -- --only minio");
  const bucket = `strata-bench-${randomBytes(4).toString("hex")}`;
  const config = s3ConfigSchema.parse({
    endpoint: `http://${server.host}:${server.port}`,
    bucket,
    accessKey: server.user,
    secretKey: server.password,
  });
  const client = new S3Client({
    endpoint: config.endpoint,
    region: config.region,
    forcePathStyle: true,
    credentials: { accessKeyId: config.accessKey, secretAccessKey: config.secretKey },
    requestChecksumCalculation: "WHEN_REQUIRED",
  });
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  const store = s3Driver.open(config, { access: "write", name: "bench", timeoutMs: 60_000, connections: 4 });
  if (!store.objects) throw new Error("no objects");
  const folder = mkdtempSync(join(tmpdir(), "strata-s3-put-"));
  const paths = Array.from({ length: SEGMENTS }, (_, at) => join(folder, `${at}.parquet`));
  for (const path of paths) writeFileSync(path, randomBytes(segmentBytes));
  const close = async () => {
    rmSync(folder, { recursive: true, force: true });
    await store.close();
    await client.send(new DeleteBucketCommand({ Bucket: bucket }));
    client.destroy();
  };
  return { bucket, client, objects: store.objects, paths, close };
}

type Send = (rig: Rig, path: string, key: string) => Promise<unknown>;

const body = (path: string) => createReadStream(path, { highWaterMark: 1 << 20 });

const putAll: Send = ({ objects }, path, key) => objects.put(key, body(path), AbortSignal.timeout(600_000));
const uploadAll: Send = ({ client, bucket }, path, key) =>
  new Upload({ client, params: { Bucket: bucket, Key: key, Body: body(path) } }).done();

/** MB/s over all files, four under way at a time; what was sent is removed again, outside of the time. */
async function round(rig: Rig, name: string, send: Send): Promise<number> {
  const waiting = rig.paths.map((path, at) => ({ path, key: `${name}/${send.name}/${at}` }));
  const keys = waiting.map(({ key }) => key);
  const lane = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) await send(rig, next.path, next.key);
  };
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: PARALLEL }, lane));
  const seconds = (performance.now() - startedAt) / 1_000;
  let sizeBytes = 0;
  for (const key of keys) {
    sizeBytes += (await rig.objects.head(key, AbortSignal.timeout(60_000)))?.sizeBytes ?? 0;
    await rig.objects.delete(key, AbortSignal.timeout(60_000));
  }
  return sizeBytes / 1e6 / seconds;
}
