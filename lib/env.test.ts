import { afterEach, expect, test, vi } from "vitest";
import { env, resetEnv } from "@/lib/env";

afterEach(() => {
  vi.unstubAllEnvs();
  resetEnv();
});

test.each([
  ["DATABASE_URL", "postgres://u:hunter2@[bad/x"],
  ["STRATA_SETUP_TOKEN", "hunter2"],
  ["STRATA_SECRET", "hunter2"],
])("%s that does not fit is named, never shown", (name, value) => {
  vi.stubEnv(name, value);
  resetEnv();
  expect(() => env()).toThrow(name);
  expect(() => env()).not.toThrow("hunter2");
});
