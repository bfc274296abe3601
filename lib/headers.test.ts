import type { NextConfig } from "next";
import { expect, test } from "vitest";

/** Plain JavaScript without types: named by a variable, so that the compiler does not look for them. */
const CONFIG = "../next.config.js";

test("no page can be framed, sniffed, or load anything from another site", async () => {
  const { default: config }: { default: NextConfig } = await import(CONFIG);
  const [rule, ...others] = (await config.headers?.()) ?? [];
  expect(others).toEqual([]);
  expect(rule?.source).toBe("/:path*");
  const headers = new Map(rule?.headers.map(({ key, value }) => [key.toLowerCase(), value]));
  expect(headers.get("x-frame-options")).toBe("DENY");
  expect(headers.get("x-content-type-options")).toBe("nosniff");
  expect(headers.get("referrer-policy")).toBe("same-origin");
  const policy = headers.get("content-security-policy")?.split("; ") ?? [];
  expect(policy).toContain("default-src 'self'");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).toContain("base-uri 'none'");
  expect(policy.join(" ")).not.toMatch(/https?:|\*/);
});
