import { describe, expect, test } from "vitest";
import { parseConfig } from "@/lib/services/stores/config";
import { driverOf } from "@/lib/services/stores/driver";
import { STORE_KINDS } from "@/lib/stores/registry";

const mongo = { hosts: "db1:27017\ndb2:27017", database: "app", user: "me", password: "s3cret" };
const postgres = { host: "db", port: 5432, database: "app", user: "me", password: "s3cret" };
const s3 = { bucket: "cold", accessKey: "key", secretKey: "s3cret", proxyUser: "me", proxyPassword: "pr0xy" };

describe("a saved secret is not sent to whom it was not saved for", () => {
  test.each([
    ["mongodb", mongo, { hosts: "evil:27017" }],
    ["mongodb", mongo, { hosts: "db1:27017,evil:27017" }],
    ["postgres", postgres, { replicas: "evil:5432" }],
    ["postgres", { ...postgres, replicas: "r1" }, { replicas: "r1\nevil" }],
    ["s3", { ...s3, proxy: "http://proxy:3128" }, { proxy: "http://evil:3128" }],
    ["s3", { ...s3, proxy: "" }, { proxy: "http://evil:3128" }],
    ["s3", { ...s3, endpoint: "https://a.example" }, { endpoint: "https://evil.example" }],
  ])("%s at %o, changed to %o", (kind, saved, change) => {
    const { password: _p, secretKey: _s, proxyPassword: _x, ...open } = saved as Record<string, string>;
    expect(() => parseConfig(kind, { ...open, ...change }, saved)).toThrow(
      expect.objectContaining({ key: "secretElsewhere" }),
    );
  });

  test("places in another order, or fewer of them, are no others", () => {
    const { password: _, ...open } = mongo;
    expect(parseConfig("mongodb", { ...open, hosts: "db2:27017, db1:27017" }, mongo).secrets).toEqual({
      password: "s3cret",
    });
    const saved = { ...postgres, replicas: "r1\nr2" };
    const { password: _p, ...rest } = postgres;
    expect(parseConfig("postgres", { ...rest, replicas: "r2" }, saved).secrets).toEqual({
      password: "s3cret",
    });
    expect(parseConfig("postgres", { ...rest, replicas: "" }, saved).open.replicas ?? "").toBe("");
  });
});

test.each(STORE_KINDS)("%s: what is typed as a password is kept as a secret", (kind) => {
  const { fields, secrets } = driverOf(kind);
  const passwords = fields.filter(({ type }) => type === "password").map(({ name }) => name);
  expect([...secrets].sort()).toEqual(passwords.sort());
  const telling = fields
    .filter(({ name }) => /secret|password|token|apikey/i.test(name))
    .map(({ name }) => name);
  expect(secrets).toEqual(expect.arrayContaining(telling));
});
