import { expect, test } from "vitest";
import { quotedName } from "@/lib/format/quoted-name";

test("a quote in a name ends nothing", () => {
  expect(quotedName("public", 'a"; DROP TABLE b; --')).toBe('"public"."a""; DROP TABLE b; --"');
});
