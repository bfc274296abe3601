import { describe, expect, test } from "vitest";
import { hostGuard } from "@/lib/stores/host-guard";
import { checkMember } from "@/lib/stores/mongodb/client";
import { mongoConfigSchema, parseMongoUrl } from "@/lib/stores/mongodb/config";

const problem = (url: string): string => {
  try {
    parseMongoUrl(url);
    return "";
  } catch (error) {
    expect(error).toMatchObject({ code: "bad_input" });
    return error instanceof Error ? error.message : "";
  }
};

describe("an address of MongoDB", () => {
  test("is taken apart into fields", () => {
    expect(
      parseMongoUrl(
        "mongodb://us%40er:p%3Aw%2F@db1.example.com:27018,db2.example.com,[::1]:27019/app?replicaSet=rs0&tls=true&readPreference=secondaryPreferred&retryWrites=false&authMechanism=SCRAM-SHA-256&authSource=admin",
      ),
    ).toEqual({
      hosts: "db1.example.com:27018\ndb2.example.com\n[::1]:27019",
      database: "app",
      user: "us@er",
      password: "p:w/",
      replicaSet: "rs0",
      ssl: "verify-full",
      readPreference: "secondaryPreferred",
      retryWrites: "off",
      authMechanism: "SCRAM-SHA-256",
      authSource: "admin",
    });
    expect(parseMongoUrl("mongodb://u:p@h/app")).toMatchObject({ authSource: "app" });
    expect(parseMongoUrl("mongodb://h")).toEqual({ hosts: "h" });
  });

  test.each([
    "tlsCAFile",
    "tlsCertificateKeyFile",
    "tlsCRLFile",
    "autoEncryption",
    "proxyHost",
    "authMechanismProperties",
    "loadBalanced",
    "srvServiceName",
    "tlsInsecure",
    "__proto__",
    "constructor",
  ])("refuses %s by name", (name) => {
    expect(problem(`mongodb://h/app?replicaSet=a&${name}=/etc/passwd`)).toContain(name);
  });

  test("refuses what signs in by files, clouds or sockets, and explains SRV", () => {
    for (const mechanism of ["MONGODB-X509", "GSSAPI", "PLAIN", "MONGODB-AWS", "MONGODB-OIDC"])
      expect(problem(`mongodb://h/app?authMechanism=${mechanism}`)).toContain(mechanism);
    expect(problem("mongodb+srv://cluster.example.com/app")).toContain("dig SRV");
    expect(problem("mongodb://%2Ftmp%2Fmongodb-27017.sock/app")).toContain("socket");
    expect(problem("postgres://h/app")).toContain("mongodb://");
    expect(problem("mongodb://u:50%@h/app")).toContain("password");
    expect(problem("mongodb://u:50%@h/app")).not.toContain("50%@");
  });

  test("hosts are a host and a port a line", () => {
    const of = (hosts: string) => mongoConfigSchema.safeParse({ hosts, database: "app" });
    expect(of("a:1\n b , c:3\n\n[::1]").data?.hosts).toBe("a:1\nb\nc:3\n[::1]");
    for (const bad of ["", "a:0", "a:70000", "/tmp/x.sock", "u:p@h", "a b", "[zz]:1", "a?x=1"])
      expect(of(bad).success, bad).toBe(false);
    for (const bad of ["", "a/b", "a.b", "$x", "a b"])
      expect(mongoConfigSchema.safeParse({ hosts: "h", database: bad }).success, bad).toBe(false);
  });
});

describe("a host", () => {
  test.each([
    "169%2e254%2e169%2e254",
    "%2Ftmp%2Fmongodb.sock",
    "/tmp/mongodb.sock",
    "u@h",
    "h?tlsCAFile=x",
    "h/x",
  ])("%s is refused", (hosts) => {
    expect(mongoConfigSchema.safeParse({ hosts, database: "app" }).success).toBe(false);
  });

  test("that was pasted with its password does not repeat it", () => {
    const { error } = mongoConfigSchema.safeParse({ hosts: "me:s3cret@h:27017", database: "app" });
    expect(error?.message).toContain("…@h:27017");
    expect(error?.message).not.toContain("s3cret");
  });

  test("that a server names as a member is no socket of this machine, and no metadata service", async () => {
    for (const member of ["/tmp/mongodb-27017.sock", "mongodb.sock:27017", "169.254.169.254:27017"])
      await expect(checkMember(member, hostGuard())).rejects.toMatchObject({ key: "hostForbidden" });
    await checkMember("[::1]:27017", hostGuard());
    await checkMember("127.0.0.1:27017", hostGuard());
  });
});
