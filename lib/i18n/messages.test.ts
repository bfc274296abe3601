import { readFileSync } from "node:fs";
import { type MessageFormatElement, parse, TYPE } from "@formatjs/icu-messageformat-parser";
import { describe, expect, test } from "vitest";
import { withDriverWords } from "@/lib/stores/registry";
import { LOCALES, type Locale } from "./locales";

type Tree = { [key: string]: Tree | string };

/** With the sentences of every driver: they are part of what is shown. */
const load = (locale: Locale): Tree =>
  withDriverWords(
    JSON.parse(readFileSync(new URL(`./messages/${locale}.json`, import.meta.url), "utf8")),
    locale,
  );

function flatten(tree: Tree, prefix = ""): Map<string, string> {
  const flat = new Map<string, string>();
  for (const [key, value] of Object.entries(tree)) {
    if (typeof value === "string") flat.set(`${prefix}${key}`, value);
    else for (const [inner, text] of flatten(value, `${prefix}${key}.`)) flat.set(inner, text);
  }
  return flat;
}

/** The arguments and tags a message takes; number and plain argument count as the same. */
function argumentsOf(elements: MessageFormatElement[], found = new Set<string>()): Set<string> {
  for (const element of elements) {
    if (element.type === TYPE.literal || element.type === TYPE.pound) continue;
    found.add(element.type === TYPE.tag ? `<${element.value}>` : element.value);
    if (element.type === TYPE.tag) argumentsOf(element.children, found);
    if (element.type === TYPE.plural || element.type === TYPE.select)
      for (const option of Object.values(element.options)) argumentsOf(option.value, found);
  }
  return found;
}

const english = flatten(load("en"));

describe.each(LOCALES.filter((locale) => locale !== "en"))("messages in %s", (locale) => {
  const other = flatten(load(locale));

  test("have the same keys as English", () => {
    expect([...other.keys()].sort()).toEqual([...english.keys()].sort());
  });

  test("take the same arguments as English", () => {
    const differing = [...english].flatMap(([key, text]) => {
      const expected = [...argumentsOf(parse(text))].sort().join(" ");
      const actual = [...argumentsOf(parse(other.get(key) ?? ""))].sort().join(" ");
      return expected === actual ? [] : [`${key}: {${expected}} against {${actual}}`];
    });
    expect(differing).toEqual([]);
  });

  test("are never empty", () => {
    expect([...other].filter(([, text]) => text.trim() === "").map(([key]) => key)).toEqual([]);
  });
});

test.each(LOCALES)("a driver's sentences replace none of the console's, in %s", (locale) => {
  const own: Tree = JSON.parse(readFileSync(new URL(`./messages/${locale}.json`, import.meta.url), "utf8"));
  const merged = flatten(load(locale));
  expect([...flatten(own)].filter(([key, text]) => merged.get(key) !== text).map(([key]) => key)).toEqual([]);
});
