import { StoreError } from "@/lib/errors";
import { elasticsearchDriver } from "@/lib/stores/elasticsearch/store";
import { folderDriver } from "@/lib/stores/folder/store";
import { logstoreDriver } from "@/lib/stores/logstore/store";
import { mongodbDriver } from "@/lib/stores/mongodb/store";
import { mysqlDriver } from "@/lib/stores/mysql/store";
import { postgresDriver } from "@/lib/stores/postgres/store";
import { redisDriver } from "@/lib/stores/redis/store";
import { s3Driver } from "@/lib/stores/s3/store";
import {
  DEFAULT_TRAITS,
  type StoreDriver,
  type StoreKind,
  type StoreTraits,
  type Words,
} from "@/lib/stores/store";

/** A driver's config type is its own affair: the core hands over what the driver's schema has parsed. */
function erase<Config>(driver: StoreDriver<Config>): StoreDriver {
  return { ...driver, open: (config, options) => driver.open(driver.config.parse(config), options) };
}

/** Adding a kind is one line here beside its folder. The order is that of the list in the console. */
const DRIVERS: readonly StoreDriver[] = [
  erase(postgresDriver),
  erase(mysqlDriver),
  erase(elasticsearchDriver),
  erase(mongodbDriver),
  erase(redisDriver),
  erase(logstoreDriver),
  erase(s3Driver),
  erase(folderDriver),
];

export const STORE_KINDS: readonly StoreKind[] = DRIVERS.map((driver) => driver.kind);

/** Every driver, in the order of STORE_KINDS. */
export const drivers = (): readonly StoreDriver[] => DRIVERS;

/** The driver of a kind. Throws bad_input for a kind nobody drives. */
export function driverOf(kind: string): StoreDriver {
  const driver = DRIVERS.find((one) => one.kind === kind);
  if (driver) return driver;
  throw new StoreError("bad_input", `There is no driver for stores of the kind ${kind}.`, {
    key: "storeKind",
    details: { kind },
  });
}

/** What a kind does differently, over the defaults. */
export const traitsOf = (kind: string): StoreTraits => ({ ...DEFAULT_TRAITS, ...driverOf(kind).traits });

/** The sentences of every driver, over those of the console. */
export const withDriverWords = (messages: Words, locale: "en" | "zh"): Words =>
  DRIVERS.reduce((merged, driver) => mergeWords(merged, driver.words[locale]), messages);

function mergeWords(base: Words, more: Words): Words {
  const merged: Words = { ...base };
  for (const [key, value] of Object.entries(more)) {
    const there = merged[key];
    merged[key] = typeof value === "string" || typeof there !== "object" ? value : mergeWords(there, value);
  }
  return merged;
}
