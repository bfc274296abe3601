import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { ERROR_CODES } from "@/lib/errors";
import { OPERATION_KINDS } from "@/lib/schemas/plan";
import { STORE_KINDS } from "@/lib/stores/registry";
import { ABILITIES } from "@/lib/stores/store";

/** Whoever adds a kind, a code or a variable says in the docs what it means: this test asks for it. */
const root = resolve(import.meta.dirname, "..");
const read = (path: string): string => readFileSync(join(root, path), "utf8");

const variables = [...read("lib/env.ts").matchAll(/^ {2}([A-Z][A-Z_]+): z\b/gm)].map(
  (match) => match[1] ?? "",
);
const pages = [
  "README.md",
  "ARCHITECTURE.md",
  ...readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];

/** A row of a table that begins with the word in code. */
const row = (word: string): RegExp => new RegExp(`^\\| \`${word}\` \\|`, "m");

describe("the docs name", () => {
  test.each(STORE_KINDS)("the store kind %s", (kind) => expect(read("docs/stores.md")).toMatch(row(kind)));
  test.each(STORE_KINDS.filter((kind) => kind !== "folder"))(
    "rights and limits of %s on a page of its own",
    (kind) => expect(existsSync(join(root, "docs", "stores", `${kind}.md`))).toBe(true),
  );
  test.each(ABILITIES)("the ability %s", (ability) => expect(read("docs/stores.md")).toMatch(row(ability)));
  test.each(OPERATION_KINDS)("the operation %s", (kind) => {
    const heading = kind.charAt(0).toUpperCase() + kind.slice(1);
    expect(read("docs/buttons.md")).toMatch(new RegExp(`^## ${heading}\\b`, "m"));
  });
  test("variables at all", () => expect(variables).toContain("STRATA_DATA"));
  test.each(variables)("the variable %s", (name) => expect(read("docs/configuration.md")).toMatch(row(name)));
  test.each(Object.entries(ERROR_CODES))("the error %s with its status and exit", (code, { status, exit }) =>
    expect(read("docs/errors.md")).toContain(`| \`${code}\` | ${status} | ${exit} |`),
  );
});

/** GitHub's way of making an anchor of a heading. */
const anchor = (heading: string): string =>
  heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s-]/gu, "")
    .replaceAll(" ", "-");

const anchorsOf = (text: string): string[] =>
  [...text.matchAll(/^#+ (.+)$/gm)].map((match) => anchor(match[1] ?? ""));

function brokenLinks(page: string): string[] {
  const text = read(page).replace(/```[\s\S]*?```/g, "");
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] ?? "");
  return links.filter((link) => {
    if (/^[a-z]+:/.test(link)) return false;
    const [path = "", hash] = link.split("#");
    const target = path === "" ? page : join(dirname(page), path);
    if (!existsSync(join(root, target))) return true;
    return hash !== undefined && !anchorsOf(read(target)).includes(hash);
  });
}

test.each(pages)("every link in %s leads somewhere", (page) => expect(brokenLinks(page)).toEqual([]));
