import { StoreError } from "@/lib/errors";
import { folderDriver } from "@/lib/stores/folder/store";
import { postgresDriver } from "@/lib/stores/postgres/store";
import { STORE_KINDS, type StoreDriver, type StoreKind } from "@/lib/stores/store";

/** A driver's config type is its own affair: the core hands over what the driver's schema has parsed. */
function erase<Config>(driver: StoreDriver<Config>): StoreDriver {
  return { ...driver, open: (config, options) => driver.open(driver.config.parse(config), options) };
}

const DRIVERS: Readonly<Record<StoreKind, StoreDriver>> = {
  postgres: erase(postgresDriver),
  folder: erase(folderDriver),
};

/** Every driver, in the order of STORE_KINDS. */
export const drivers = (): StoreDriver[] => STORE_KINDS.map((kind) => DRIVERS[kind]);

const isKind = (kind: string): kind is StoreKind => (STORE_KINDS as readonly string[]).includes(kind);

/** The driver of a kind. Throws bad_input for a kind nobody drives. */
export function driverOf(kind: string): StoreDriver {
  if (isKind(kind)) return DRIVERS[kind];
  throw new StoreError("bad_input", `There is no driver for stores of the kind ${kind}.`, {
    key: "storeKind",
    details: { kind },
  });
}
