import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type TestBucket, testBucket } from "@/lib/stores/s3/testing";
import { temporaryKeys } from "@/lib/stores/s3/testing-keys";
import { testServer } from "@/lib/stores/testing/servers";

const signal = () => AbortSignal.timeout(20_000);
const minio = testServer("minio");

/** The policy as docs/stores/s3.md shows it, for this bucket and prefix. */
function documented(bucket: string, prefix: string): { Version: string; Statement: { Action: string[] }[] } {
  const page = readFileSync(resolve(import.meta.dirname, "../../../docs/stores/s3.md"), "utf8");
  const policy = /```json\n([\s\S]*?)```/.exec(page)?.[1] ?? "";
  return JSON.parse(policy.replaceAll("strata-cold", bucket).replaceAll("/strata/", `/${prefix}/`));
}

describe.skipIf(!minio)("rights on MinIO", () => {
  let bucket: TestBucket;
  beforeAll(async () => {
    if (minio) bucket = await testBucket(minio, "below/here");
  });
  afterAll(() => bucket.remove());

  const withPolicy = async (policy: object) => {
    if (!minio) throw new Error("no MinIO");
    return bucket.open("write", await temporaryKeys(minio, policy));
  };
  const without = (action: string) => {
    const policy = documented(bucket.config.bucket, "below/here");
    const Statement = policy.Statement.map((one) => ({
      ...one,
      Action: one.Action.filter((name) => name !== action),
    }));
    return { ...policy, Statement: Statement.filter(({ Action }) => Action.length > 0) };
  };

  test("the smallest policy of the docs is enough for all that a cold target does", async () => {
    const store = await withPolicy(documented(bucket.config.bucket, "below/here"));
    expect(await store.check(signal())).toMatchObject({ state: "healthy", limits: [] });
    const { objects } = store;
    const large = Buffer.alloc(9 << 20, "x");
    expect(await objects?.put("a/large", large, signal())).toMatchObject({ sizeBytes: large.length });
    await objects?.put("a/small", Buffer.from("x"), signal());
    await expect(objects?.put("a/large", large, signal())).rejects.toMatchObject({ code: "conflict" });
    expect((await (await objects?.get("a/small", null, signal()))?.toArray())?.join("")).toBe("x");
    expect(await objects?.head("a/none", signal())).toBeNull();
    await objects?.delete("a/large", signal());
    await objects?.delete("a/small", signal());
    const notes = (await store.figures?.(signal()))?.notes.map(({ key }) => key);
    expect(notes).toEqual(["s3UploadsHidden", "s3LifecycleForbidden"]);
    await expect(
      bucket.open("write", { prefix: "" }).objects?.head("elsewhere", signal()),
    ).resolves.toBeNull();
  });

  test.each([
    ["s3:ListBucket", "s3List"],
    ["s3:GetObject", "s3Get"],
    ["s3:PutObject", "s3Put"],
    ["s3:DeleteObject", "s3Delete"],
    ["s3:AbortMultipartUpload", "s3Abort"],
  ])("without %s a check says what is missing and what that costs", async (action, costKey) => {
    const store = await withPolicy(without(action));
    const health = await store.check(signal());
    const missing = health.rights.filter(({ granted }) => !granted);
    expect(health.state).toBe("warning");
    expect(missing.find(({ name }) => name === action)).toMatchObject({ costKey });
    expect(missing.find(({ name }) => name === action)?.grant).toContain(action);
    if (action !== "s3:PutObject") expect(missing).toHaveLength(1);
  });

  test("a key for reading can neither put nor delete", async () => {
    const { objects } = await withPolicy(without("s3:PutObject"));
    const right = { code: "forbidden", key: "s3.right" };
    await expect(objects?.put("k", Buffer.from("x"), signal())).rejects.toMatchObject(right);
    await expect(objects?.put("k", Buffer.alloc(9 << 20), signal())).rejects.toMatchObject(right);
  });
});
