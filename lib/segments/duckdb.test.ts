import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { literal, openSandbox, type Sandbox } from "@/lib/segments/duckdb";

let inside = "";
let outside = "";
let sandbox: Sandbox;

beforeAll(async () => {
  inside = await mkdtemp(join(tmpdir(), "strata-inside-"));
  outside = await mkdtemp(join(tmpdir(), "strata-outside-"));
  await writeFile(join(inside, "a.csv"), "x\n1\n");
  await writeFile(join(outside, "a.csv"), "x\n2\n");
  sandbox = await openSandbox({ folders: [inside] });
});
afterAll(async () => {
  sandbox.close();
  await rm(inside, { recursive: true });
  await rm(outside, { recursive: true });
});

const read = (path: string) => `SELECT x FROM read_csv(${literal(path)})`;

test("the sandbox reads below its folders", async () => {
  expect((await sandbox.connection.runAndReadAll(read(join(inside, "a.csv")))).getRows()).toEqual([[1n]]);
});

test.each([
  ["another folder", () => read(join(outside, "a.csv"))],
  ["a way out by ..", () => read(join(inside, "..", "..", "etc", "passwd"))],
  ["a spelled way out", () => read(`${inside}/../../etc/passwd`)],
  ["a folder whose name only begins alike", () => read(`${inside}x/a.csv`)],
  ["the network", () => read("http://127.0.0.1:1/a.csv")],
  ["a database", () => `ATTACH ${literal(join(outside, "d.db"))} AS other`],
  ["writing elsewhere", () => `COPY (SELECT 1) TO ${literal(join(outside, "w.csv"))}`],
  ["an extension", () => "INSTALL httpfs"],
  ["a local extension", () => `LOAD ${literal(join(outside, "x.duckdb_extension"))}`],
  ["its own settings", () => "SET enable_external_access = true"],
  ["its folders", () => "SET allowed_directories = ['/']"],
  ["its lock", () => "SET lock_configuration = false"],
  ["its memory", () => "SET memory_limit = '64GB'"],
])("the sandbox refuses %s, on every connection", async (_, sql) => {
  await expect(sandbox.connection.run(sql())).rejects.toThrow();
  const second = await sandbox.connect();
  await expect(second.run(sql())).rejects.toThrow();
  second.closeSync();
});

test("a quote in a name ends no literal", async () => {
  const rows = await sandbox.connection.runAndReadAll(`SELECT ${literal("a'; SET threads = 1; --\\'")}`);
  expect(rows.getRows()).toEqual([["a'; SET threads = 1; --\\'"]]);
});
