import { expect, it } from "vitest";
import { allows, authorize, PERMISSIONS } from "@/lib/auth/authorize";
import { ROLES } from "@/lib/schemas/user";

it("grants each role what the one before can, and more", () => {
  const table = Object.fromEntries(
    ROLES.map((role) => [role, PERMISSIONS.filter((one) => allows(role, one))]),
  );
  expect(table.viewer).toContain("search.read");
  expect(table.viewer).not.toContain("operation.plan");
  expect(table.operator).toEqual(expect.arrayContaining([...(table.viewer ?? []), "operation.run"]));
  expect(table.operator).not.toContain("store.write");
  expect(table.admin).toEqual(PERMISSIONS);
});

it("tells nobody from somebody who may not", () => {
  const viewer = { userId: "1", name: "Bo", role: "viewer" as const };
  expect(() => authorize(null, "store.read")).toThrow(expect.objectContaining({ code: "unauthenticated" }));
  expect(() => authorize(viewer, "user.manage")).toThrow(expect.objectContaining({ code: "forbidden" }));
  expect(authorize(viewer, "store.read")).toBe(viewer);
});
