import { describe, expect, test } from "vitest";
import english from "@/lib/i18n/messages/en.json" with { type: "json" };
import chinese from "@/lib/i18n/messages/zh.json" with { type: "json" };
import { drivers, withDriverWords } from "@/lib/stores/registry";
import { ABILITIES, type StoreDriver, type Words } from "@/lib/stores/store";

const MESSAGES = { en: withDriverWords(english, "en"), zh: withDriverWords(chinese, "zh") };

function said(messages: Words, path: string): string | undefined {
  const found = path
    .split(".")
    .reduce<Words | string | undefined>(
      (tree, key) => (typeof tree === "object" ? tree[key] : undefined),
      messages,
    );
  return typeof found === "string" ? found : undefined;
}

/** Every sentence the console needs of a kind. */
const needed = (driver: StoreDriver): string[] => [
  `stores.kindHints.${driver.kind}`,
  ...driver.fields.map((field) => `stores.fields.${field.name}.label`),
  ...ABILITIES.filter((ability) => !driver.abilities.includes(ability)).map(
    (ability) => `stores.cannot.${driver.kind}.${ability}`,
  ),
  ...driver.optimizeActions.flatMap(({ kind }) => [
    `optimizePage.actions.${kind}`,
    `optimizePage.hints.${kind}`,
  ]),
  ...(driver.parseUrl ? [`stores.addressExamples.${driver.kind}`] : []),
];

describe.each(drivers().map((driver) => [driver.kind, driver] as const))("%s", (_kind, driver) => {
  test.each(["en", "zh"] as const)("says all that the console shows of it, in %s", (locale) => {
    expect(needed(driver).filter((path) => !said(MESSAGES[locale], path))).toEqual([]);
  });

  test("offers to optimize only where it can", () => {
    expect(driver.optimizeActions.length > 0).toBe(driver.abilities.includes("optimize"));
    const kinds = driver.optimizeActions.map(({ kind }) => kind);
    expect(new Set(kinds).size).toBe(kinds.length);
  });

  test("keeps every password among its secrets", () => {
    const hidden = driver.fields.filter((field) => field.type === "password").map((field) => field.name);
    expect(hidden.filter((name) => !driver.secrets.includes(name))).toEqual([]);
  });
});

test("no two kinds say different things under one key", () => {
  const seen = new Map<string, { kind: string; text: string }>();
  const clashes: string[] = [];
  const walk = (kind: string, words: Words, prefix: string): void => {
    for (const [key, value] of Object.entries(words)) {
      const path = prefix + key;
      if (typeof value !== "string") walk(kind, value, `${path}.`);
      else if ((seen.get(path)?.text ?? value) !== value)
        clashes.push(`${path}: ${seen.get(path)?.kind} and ${kind}`);
      else seen.set(path, { kind, text: value });
    }
  };
  for (const driver of drivers()) walk(driver.kind, driver.words.en, "");
  expect(clashes).toEqual([]);
});
