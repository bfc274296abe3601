import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { z } from "zod";

const manifestSchema = z.object({
  dependencies: z.record(z.string(), z.string()),
  devDependencies: z.record(z.string(), z.string()),
});
const manifest = manifestSchema.parse(JSON.parse(readFileSync("package.json", "utf8")));
const all = { ...manifest.dependencies, ...manifest.devDependencies };

/** Below these versions a known hole is open. */
const FLOORS = {
  next: "16.4.5",
  react: "19.3.0",
  "react-dom": "19.3.0",
  zod: "4.6.7",
  vitest: "5.0.5",
  "better-auth": "1.6.11",
};

const numbers = (version: string): number[] => version.split(".").map(Number);

function atLeast(version: string, floor: string): boolean {
  const [have, want] = [numbers(version), numbers(floor)];
  const at = want.findIndex((part, index) => part !== have[index]);
  return at < 0 || (have[at] ?? 0) > (want[at] ?? 0);
}

describe("package.json", () => {
  it.each(Object.entries(all))("pins %s exactly", (_, version) => {
    expect(version).toMatch(/^\d+\.\d+\.\d+/);
  });

  it.each(Object.entries(FLOORS))("keeps %s at or above %s", (name, floor) => {
    expect(atLeast(all[name] ?? "0.0.0", floor)).toBe(true);
  });
});

describe("package-lock.json", () => {
  it("names no registry", () => {
    expect(readFileSync("package-lock.json", "utf8")).not.toMatch(/"resolved": *"http/);
  });
});
