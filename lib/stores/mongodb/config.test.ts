import { describe, expect, test } from "vitest";
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
