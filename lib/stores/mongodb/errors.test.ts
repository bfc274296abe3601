import { beforeAll, describe, expect, test } from "vitest";
import { toStoreError } from "@/lib/stores/mongodb/errors";
import { lagByMember } from "@/lib/stores/mongodb/figures";
import { loadVendor, vendor } from "@/lib/stores/mongodb/vendor";

beforeAll(async () => {
  await loadVendor();
});

/** What the test server cannot be brought to say, in the vendor's own classes. */
const said = (code: number) =>
  toStoreError(new (vendor().MongoServerError)({ code, errmsg: "as the server says", ok: 0 }));

describe("errors are told by their code", () => {
  test.each([
    [10107, "unreachable", "mongodb.notPrimary", true],
    [189, "unreachable", "mongodb.notPrimary", true],
    [11602, "unreachable", "mongodb.notPrimary", true],
    [13435, "unreachable", "mongodb.notPrimary", true],
    [13436, "unreachable", "mongodb.recovering", true],
    [91, "unreachable", "mongodb.shutdown", true],
    [18, "forbidden", "mongodb.password", false],
    [13, "forbidden", "mongodb.right", false],
    [50, "timeout", "mongodb.tooLong", true],
    [43, "timeout", "mongodb.cursor", true],
    [14031, "disk_full", "mongodb.diskFull", false],
    [121, "conflict", "mongodb.refusedRow", false],
    [59, "refused", "mongodb.noCommand", false],
    [999_999, "internal", "mongodb.other", false],
  ])("%i is %s", (code, kind, key, retryable) => {
    expect(said(code)).toMatchObject({ code: kind, key, retryable, details: { code } });
  });

  test("a step-down says that nothing was changed and what to do", () => {
    expect(said(10107).message).toMatch(/not the primary.*Nothing was changed.*replica set/);
  });

  test("an expired certificate is one of TLS, whatever is around it", () => {
    const cause = Object.assign(new Error("certificate has expired"), { code: "CERT_HAS_EXPIRED" });
    expect(toStoreError(new (vendor().MongoNetworkError)("x", { cause }))).toMatchObject({
      key: "mongodb.certificate",
      retryable: false,
    });
  });
});

describe("lag", () => {
  test("is what each secondary is behind the primary, and members that are down are named", () => {
    const at = (seconds: number) => new Date(1_767_225_600_000 + seconds * 1_000);
    expect(
      lagByMember({
        members: [
          { name: "a:1", stateStr: "PRIMARY", optimeDate: at(10) },
          { name: "b:1", stateStr: "SECONDARY", optimeDate: at(7) },
          { name: "c:1", stateStr: "(not reachable/healthy)", optimeDate: at(-500) },
          { name: "d:1", stateStr: "ARBITER" },
        ],
      }),
    ).toEqual([
      { label: "c:1", value: 510, note: "(not reachable/healthy)" },
      { label: "b:1", value: 3, note: "SECONDARY" },
    ]);
  });
});
