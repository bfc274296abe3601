import { expect, test } from "vitest";
import { auditHref, isFiltered, parseAuditState } from "./audit-state";

test("the address of the audit log comes back as it was", () => {
  const search = {
    action: "user.",
    actor: "Ada",
    subject: "messages",
    outcome: "refused",
    from: "2026-03-01T00:00:00.000Z",
    until: "2026-04-01T00:00:00.000Z",
    cursor: "x",
  };
  const href = auditHref(parseAuditState(search));
  expect(Object.fromEntries(new URLSearchParams(href.slice(7)))).toEqual(search);
});

test("what does not fit is left out", () => {
  const state = parseAuditState({
    outcome: "maybe",
    from: "soon",
    action: ["a", "b"],
    actor: "x".repeat(500),
  });
  expect(state).toMatchObject({ outcome: "", from: "", action: "a", actor: "" });
  expect(isFiltered(parseAuditState({ cursor: "x" }))).toBe(false);
  expect(isFiltered(parseAuditState({ outcome: "done" }))).toBe(true);
  expect(auditHref({})).toBe("/audit");
});
