import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { withoutPasswords } from "@/lib/log";
import { driverOf, STORE_KINDS } from "@/lib/stores/registry";

test("a line holds no password, wherever it stood", () => {
  const script = `
    import { log } from "./lib/log";
    let wrong;
    try { new URL("postgres://strata:hunter2@[oops/db"); } catch (error) { wrong = error; }
    log("test").error({ err: wrong, store: { password: "hunter2", config: { host: "hunter2" } } }, "no postgres://a:hunter2@h/d");
  `;
  const { stderr, status } = spawnSync(
    process.execPath,
    ["--import", "tsx", "--input-type=module", "-e", script],
    {
      encoding: "utf8",
    },
  );
  expect(status, stderr).toBe(0);
  expect(stderr).toContain("postgres://strata:[Redacted]@[oops/db");
  expect(stderr).toContain("postgres://a:[Redacted]@h/d");
  expect(stderr).not.toContain("hunter2");
});

test("addresses without a password, and other text, stay as they are", () => {
  const line = '{"a":"http://127.0.0.1:3000/x","b":"postgres://u@h:5432/d","c":"me@b.example: 12:30"}\n';
  expect(withoutPasswords(line)).toBe(line);
  const long = `x://${"a:".repeat(100_000)}`;
  expect(withoutPasswords(long)).toBe(long);
});

test("no driver's secret stands in a line under its own name", () => {
  const names = [...new Set(STORE_KINDS.flatMap((kind) => driverOf(kind).secrets))];
  const secrets = JSON.stringify(Object.fromEntries(names.map((name) => [name, "hunter2"])));
  const script = `
    import { log } from "./lib/log";
    const secrets = ${secrets};
    log("test").error({ ...secrets, store: { ...secrets, fields: secrets } }, "told");
  `;
  const { stderr, status } = spawnSync(
    process.execPath,
    ["--import", "tsx", "--input-type=module", "-e", script],
    { encoding: "utf8" },
  );
  expect(status, stderr).toBe(0);
  expect(stderr).toContain("told");
  expect(stderr).not.toContain("hunter2");
});
