import {
  CreateMultipartUploadCommand,
  type LifecycleRule,
  ListMultipartUploadsCommand,
  PutBucketLifecycleConfigurationCommand,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { S3Handle } from "@/lib/stores/s3/client";
import { parseS3Url, s3ConfigSchema } from "@/lib/stores/s3/config";
import { lifecycle, setRule } from "@/lib/stores/s3/lifecycle";
import { optimizeAccess } from "@/lib/stores/s3/optimize";
import { type TestBucket, testBucket } from "@/lib/stores/s3/testing";
import { startDouble } from "@/lib/stores/s3/testing-double";
import { staleUploads } from "@/lib/stores/s3/uploads";
import type { OptimizeAccess } from "@/lib/stores/store";
import { testServer } from "@/lib/stores/testing/servers";

const signal = () => AbortSignal.timeout(20_000);

async function drained(steps: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of steps);
}

describe("an address", () => {
  test.each<[string, object]>([
    ["s3://logs/cold/a?region=eu-west-1", { bucket: "logs", prefix: "cold/a", region: "eu-west-1" }],
    [
      "https://key:se%2Fcret@s3.example.com:9000/logs/cold",
      {
        endpoint: "https://s3.example.com:9000",
        bucket: "logs",
        prefix: "cold",
        accessKey: "key",
        secretKey: "se/cret",
      },
    ],
    [
      "https://logs.s3.eu-west-1.amazonaws.com/a/b",
      { bucket: "logs", region: "eu-west-1", addressing: "virtual-host", prefix: "a/b" },
    ],
    [
      "https://logs.oss-cn-hangzhou.aliyuncs.com/",
      { endpoint: "https://oss-cn-hangzhou.aliyuncs.com", bucket: "logs", addressing: "virtual-host" },
    ],
  ])("%s is taken apart", (url, fields) => expect(parseS3Url(url)).toEqual(fields));

  test.each(["profile=x&region=y", "X-Amz-Signature=abc&X-Amz-Date=1", "credential_process=/bin/sh"])(
    "with %s is refused by name",
    (query) => {
      for (const name of query.split("&").map((part) => part.split("=")[0] ?? "")) {
        if (name !== "region") expect(() => parseS3Url(`s3://logs?${query}`)).toThrow(name);
      }
    },
  );
  test.each(["", "ftp://x/y", "logs"])("%j is bad input", (url) => {
    expect(() => parseS3Url(url)).toThrow(expect.objectContaining({ code: "bad_input" }));
  });
  test.each([
    { endpoint: "file:///etc/passwd" },
    { endpoint: "https://user:pw@host" },
    { endpoint: "https://host/path" },
    { proxy: "http://user:pw@proxy" },
    { bucket: "arn:aws:s3:::x" },
    { bucket: "a/b" },
    { prefix: "a/../b" },
    { region: "x y" },
  ])("fields %j are refused", (fields) => {
    const whole = { bucket: "logs", accessKey: "k", secretKey: "s", ...fields };
    expect(s3ConfigSchema.safeParse(whole).success).toBe(false);
  });
});

for (const name of ["minio", "versitygw"]) {
  const server = testServer(name);
  describe.skipIf(!server)(`figures and buttons on ${name}`, () => {
    let bucket: TestBucket;
    let optimize: OptimizeAccess;
    const table = { schema: "app", name: "mess.ages" };
    const below = "store=app/dataset=mess%2Eages/month=2026-01";

    beforeAll(async () => {
      if (!server) return;
      bucket = await testBucket(server, "cold");
      const store = bucket.open();
      if (!store.optimize) throw new Error("no optimize");
      optimize = store.optimize;
      for (const key of [`${below}/a.parquet`, `${below}/b.parquet`, "other/x"])
        await store.objects?.put(key, Buffer.from("same content"), signal());
    });
    afterAll(() => bucket.remove());

    test("tables are datasets and first levels, with sizes", async () => {
      const store = bucket.open();
      expect((await store.tables(signal())).map(({ ref, sizeBytes }) => [ref, sizeBytes])).toEqual([
        [table, 24],
        [{ schema: "", name: "other" }, 12],
      ]);
      expect(await store.stats(table, null, signal())).toMatchObject({
        totalBytes: 24,
        figures: [{ value: 2 }, {}, {}],
      });
    });

    test("bytes by prefix and class, and content that lies twice", async () => {
      const figures = await bucket.open().figures?.(signal());
      const value = (key: string) => figures?.figures.find((figure) => figure.key === key)?.value;
      expect([value("objects"), value("objectBytes"), value("duplicateBytes")]).toEqual([3, 36, 24]);
      const rows = (key: string) => figures?.breakdowns.find((breakdown) => breakdown.key === key)?.rows;
      expect(rows("bytesByPrefix")).toEqual([
        { label: "app / mess.ages", value: 24 },
        { label: "other/", value: 12 },
      ]);
      expect(rows("bytesByClass")).toEqual([{ label: "STANDARD", value: 36 }]);
      expect(rows("duplicates")).toHaveLength(1);
      expect(figures?.notes.map(({ key }) => key)).toEqual(
        name === "versitygw" ? ["s3NoLifecycle"] : ["s3UploadsHidden"],
      );
    });

    test("only uploads that are stale are taken back", async () => {
      const { bucket: Bucket } = bucket.config;
      await bucket.client.send(
        new CreateMultipartUploadCommand({ Bucket, Key: `cold/${below}/half.parquet` }),
      );
      const options = { access: "write", name: "t", timeoutMs: 5_000, connections: 1 } as const;
      const handle = new S3Handle(bucket.config, options);
      const seen = await staleUploads(handle, name === "minio" ? `${below}/half.parquet` : "", 0, signal());
      expect(seen).toMatchObject([{ key: `${below}/half.parquet` }]);
      await handle.close();
      const offer = (await optimize.offers(table, signal())).find(
        ({ action }) => action.kind === "abortUploads",
      );
      expect(offer?.plan).toMatchObject({
        statements: [expect.stringContaining("ListMultipartUploads")],
        removes: false,
        advice: { worth: "no" },
      });
      for await (const _ of optimize.run(table, { kind: "abortUploads" }, signal()));
      const Prefix = `cold/${below}/half.parquet`;
      const left = await bucket.client.send(new ListMultipartUploadsCommand({ Bucket, Prefix }));
      expect(left.Uploads).toHaveLength(1);
    });

    test("a rule is set beside those of others, shown and taken away", async () => {
      const kinds = (await optimize.offers(table, signal())).map(({ action }) => action.kind);
      if (name === "versitygw") return expect(kinds).toEqual(["abortUploads"]);
      expect(kinds).toEqual(["abortUploads", "abortRule", "tierInfrequent", "tierInstant"]);
      // MinIO knows no storage class without a tier of that name, and says so; nothing is changed then.
      const tier = drained(optimize.run(table, { kind: "tierInstant" }, signal()));
      await expect(tier).rejects.toMatchObject({ key: "s3.storageClass" });
      const theirs: LifecycleRule = {
        ID: "theirs",
        Status: "Enabled",
        Filter: { Prefix: "cold/x/" },
        Expiration: { Days: 9 },
      };
      await bucket.client.send(
        new PutBucketLifecycleConfigurationCommand({
          Bucket: bucket.config.bucket,
          LifecycleConfiguration: { Rules: [theirs] },
        }),
      );
      await drained(optimize.run(table, { kind: "dropTierRule" }, signal()));
      const figures = await bucket.open().figures?.(signal());
      expect(figures?.breakdowns.find(({ key }) => key === "lifecycleDays")?.rows).toEqual([
        { label: "cold/x/* ✕", value: 9, note: "theirs" },
      ]);
      expect(figures?.notes).toContainEqual({
        key: "s3LifecycleDeletes",
        severity: "warning",
        details: { rule: "theirs", days: 9 },
      });
      await expect(drained(optimize.run(table, { kind: "rm" }, signal()))).rejects.toMatchObject({
        code: "bad_input",
      });
    });
  });
}

test("rules of ours are set once, beside others', and taken away again", async () => {
  const double = await startDouble();
  const config = s3ConfigSchema.parse({
    endpoint: `http://127.0.0.1:${double.port}`,
    bucket: "ruled",
    prefix: "cold",
    accessKey: "k",
    secretKey: "s",
  });
  const options = { access: "write", name: "t", timeoutMs: 5_000, connections: 1 } as const;
  const handle = new S3Handle(config, options);
  const optimize = optimizeAccess(handle);
  const table = { schema: "app", name: "logs" };
  const ids = async () => {
    const state = await lifecycle(handle, signal());
    return state.known ? state.rules.map(({ ID }) => ID) : [];
  };
  try {
    await setRule(
      handle,
      { ID: "theirs", Status: "Enabled", Filter: { Prefix: "a" }, Expiration: { Days: 3 } },
      signal(),
    );
    for (const kind of ["abortRule", "tierInfrequent", "tierInstant"])
      await drained(optimize.run(table, { kind }, signal()));
    const [, , tier = ""] = await ids();
    expect(await ids()).toEqual(["theirs", "strata-abort", tier]);
    const state = await lifecycle(handle, signal());
    expect(state.known && state.rules[2]).toMatchObject({
      Filter: { Prefix: "cold/store=app/dataset=logs/" },
      Transitions: [{ Days: 90, StorageClass: "GLACIER_IR" }],
    });
    const reading = optimizeAccess(new S3Handle(config, { ...options, access: "read" }));
    await expect(drained(reading.run(table, { kind: "abortRule" }, signal()))).rejects.toMatchObject({
      code: "forbidden",
    });
    await drained(optimize.run(table, { kind: "dropTierRule" }, signal()));
    expect(await ids()).toEqual(["theirs", "strata-abort"]);
  } finally {
    await handle.close();
    await double.close();
  }
});
