import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RowFixture } from "@/lib/stores/conformance-fixture";
import { rowConformance } from "@/lib/stores/conformance-rows";
import { DEFAULT_TRAITS, type Store, type StoreDriver } from "@/lib/stores/store";

/** What a driver brings so that the suite can run against a real server. */
export interface ConformanceSetup {
  open(access: "read" | "write"): Store;
  /** A store at an address where nothing answers. */
  openDead(): Store;
  /** For drivers with the ability `rows`. */
  rows?: RowFixture;
  stop(): Promise<void>;
}

const signal = () => AbortSignal.timeout(20_000);

/** The contract, checked. Branches on abilities and traits, never on the kind. */
export function storeConformance(
  name: string,
  driver: StoreDriver,
  setup: () => Promise<ConformanceSetup>,
): void {
  describe(`${name} keeps the store contract`, () => {
    let target: ConformanceSetup;
    beforeAll(async () => {
      target = await setup();
    }, 120_000);
    afterAll(() => target?.stop());

    test("abilities tell the truth", async () => {
      const store = target.open("write");
      const has = (ability: (typeof driver.abilities)[number]) => driver.abilities.includes(ability);
      expect(store.rows !== undefined).toBe(has("rows"));
      expect(store.objects !== undefined).toBe(has("objects"));
      expect(store.rows?.moveRows !== undefined).toBe(has("moveRows"));
      expect(store.rows?.deleteRows !== undefined).toBe(has("deleteRows"));
      expect(store.rows?.partitions !== undefined).toBe(has("partitions"));
      expect(store.optimize !== undefined).toBe(has("optimize"));
      expect(store.queryStats !== undefined).toBe(has("queryStats"));
    });

    test("traits are sane", () => {
      const traits = { ...DEFAULT_TRAITS, ...driver.traits };
      expect(traits.timePrecisionUs).toBeGreaterThan(0);
      expect(traits.maxBatchRows).toBeGreaterThan(0);
      if (traits.leavesBy === "expiry") expect(driver.abilities).not.toContain("deleteRows");
    });

    test("every field and every secret is part of the configuration", () => {
      const names = driver.fields.map((field) => field.name);
      expect(new Set(names).size).toBe(names.length);
      for (const secret of driver.secrets) expect(names).toContain(secret);
    });

    test("a check tells version and latency", async () => {
      const health = await target.open("read").check(signal());
      expect(health.state).not.toBe("unreachable");
      expect(health.version).not.toBe("");
      expect(health.latencyMs).toBeGreaterThanOrEqual(0);
    });

    test("a store that is not there is said to be so, in time", async () => {
      const store = target.openDead();
      const begun = Date.now();
      const state = await store.check(signal()).then(
        (health) => health.state,
        (error: { code?: string }) => error.code,
      );
      expect(["unreachable", "timeout"]).toContain(state);
      expect(Date.now() - begun).toBeLessThan(15_000);
      await store.close();
    });

    test("a cancelled call ends as cancelled", async () => {
      const gone = AbortSignal.abort();
      await expect(target.open("read").tables(gone)).rejects.toMatchObject({ code: "cancelled" });
    });

    test("closing twice is harmless", async () => {
      const store = target.open("read");
      await store.close();
      await store.close();
    });

    if (driver.abilities.includes("rows")) {
      rowConformance(driver, () => ({ open: (access) => target.open(access), rows: target.rows }));
    }
  });
}
