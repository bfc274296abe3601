import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { decrypt, encrypt, forgetSecret } from "@/lib/control/secret";
import { resetEnv } from "@/lib/env";

let dataDir: string;
const again = () => {
  resetEnv();
  forgetSecret();
};
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "strata-secret-"));
  vi.stubEnv("STRATA_DATA", dataDir);
  again();
});
afterEach(() => {
  vi.unstubAllEnvs();
  again();
  rmSync(dataDir, { recursive: true, force: true });
});

it("gives back what it sealed, after a restart too, with a key that only we may read", () => {
  const sealed = encrypt("pässwörd 密码", "store-1");
  const key = readFileSync(join(dataDir, "secret.key"), "utf8");
  again();
  expect(decrypt(sealed, "store-1")).toBe("pässwörd 密码");
  expect(readFileSync(join(dataDir, "secret.key"), "utf8")).toBe(key);
  expect(statSync(join(dataDir, "secret.key")).mode & 0o777).toBe(0o600);
});

it("seals the same text differently each time", () => {
  expect(encrypt("a", "s")).not.toEqual(encrypt("a", "s"));
});

it("refuses every flipped byte, another context and another key", () => {
  const sealed = encrypt("secret", "store-1");
  for (let index = 0; index < sealed.length; index++) {
    const bad = sealed.slice();
    bad[index] = (bad[index] ?? 0) ^ 1;
    expect(() => decrypt(bad, "store-1")).toThrow(expect.objectContaining({ code: "corrupt" }));
  }
  expect(() => decrypt(sealed, "store-2")).toThrow(expect.objectContaining({ code: "corrupt" }));
  expect(() => decrypt(sealed.slice(0, 10), "store-1")).toThrow(expect.objectContaining({ code: "corrupt" }));
  vi.stubEnv("STRATA_SECRET", "x".repeat(40));
  again();
  expect(() => decrypt(sealed, "store-1")).toThrow(expect.objectContaining({ code: "corrupt" }));
});
