import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { assertSameOrigin } from "@/lib/auth/origin";
import { resetEnv } from "@/lib/env";

const set = (variables: Record<string, string>) => {
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  resetEnv();
};
beforeEach(() => set({ PORT: "3000", STRATA_HOST: "127.0.0.1" }));
afterEach(() => {
  vi.unstubAllEnvs();
  resetEnv();
});

const passes = (headers: Record<string, string>): boolean => {
  try {
    assertSameOrigin(new Headers(headers));
    return true;
  } catch {
    return false;
  }
};

it.each([
  ["our address", { origin: "http://127.0.0.1:3000", host: "127.0.0.1:3000" }, true],
  ["localhost", { origin: "http://localhost:3000", host: "localhost:3000" }, true],
  ["a name of this machine", { origin: "http://ops.lan:3000", host: "ops.lan:3000" }, true],
  ["no Origin, same-origin fetch", { "sec-fetch-site": "same-origin" }, true],
  ["another site", { origin: "https://evil.example", host: "127.0.0.1:3000" }, false],
  [
    "another site that claims same-origin",
    { origin: "https://evil.example", "sec-fetch-site": "same-origin" },
    false,
  ],
  ["another port", { origin: "http://127.0.0.1:4000", host: "127.0.0.1:3000" }, false],
  ["an opaque origin", { origin: "null", host: "127.0.0.1:3000" }, false],
  ["same site, other origin", { "sec-fetch-site": "same-site" }, false],
  ["neither header", {}, false],
])("%s", (_name, headers, expected) => {
  expect(passes(headers as Record<string, string>)).toBe(expected);
});

it("takes STRATA_URL alone where it is set", () => {
  set({ STRATA_URL: "https://strata.example/console" });
  expect(passes({ origin: "https://strata.example", host: "10.0.0.5:3000" })).toBe(true);
  expect(passes({ origin: "http://10.0.0.5:3000", host: "10.0.0.5:3000" })).toBe(false);
});
