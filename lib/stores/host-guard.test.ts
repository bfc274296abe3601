import { expect, test } from "vitest";
import { hostGuard } from "@/lib/stores/host-guard";

const looked = (host: string, allowed: string[] = []) =>
  new Promise<string>((done) => {
    hostGuard(allowed).lookup(host, {}, (error, address) => done(error ? error.message : String(address)));
  });

test.each([
  "169.254.169.254",
  "fe80::1",
  "100.100.100.200",
  "168.63.129.16",
  "192.0.0.192",
  "fd00:ec2::254",
  "fd20:ce::254",
  "::ffff:169.254.169.254",
  "::ffff:a9fe:a9fe",
  "::ffff:168.63.129.16",
  "::169.254.169.254",
  "64:ff9b::169.254.169.254",
  "64:ff9b::100.100.100.200",
  "64:ff9b::168.63.129.16",
  "64:ff9b::192.0.0.192",
])("%s is refused, by name and as a literal", async (address) => {
  await expect(hostGuard().check(address)).rejects.toMatchObject({ code: "refused", key: "hostForbidden" });
  expect(await looked(address)).toContain("did not connect");
});

test.each(["2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "169.254.43518", "fe80::1%lo"])(
  "%s, an address in another form, is refused",
  async (host) => {
    await expect(hostGuard().check(host)).rejects.toMatchObject({ key: "hostForbidden" });
  },
);

test.each(["127.0.0.1", "::1", "localhost", "10.0.0.7"])("%s is fine", async (host) => {
  await hostGuard().check(host);
  expect(await looked(host)).not.toContain("did not connect");
});

test("an admin may allow a host by name", async () => {
  await hostGuard(["169.254.169.254"]).check("169.254.169.254");
  expect(await looked("169.254.169.254", ["169.254.169.254"])).toBe("169.254.169.254");
});

test("a host that does not resolve is left to the client", async () => {
  await hostGuard().check("no-such-host.invalid");
});
