import { describe } from "vitest";
import { objectConformance } from "@/lib/stores/conformance-objects";
import { s3Driver } from "@/lib/stores/s3/store";
import { testBucket } from "@/lib/stores/s3/testing";
import { testServer } from "@/lib/stores/testing/servers";

for (const name of ["minio", "versitygw"]) {
  const server = testServer(name);
  describe.skipIf(!server)(name, () => {
    for (const prefix of ["", "some/prefix"]) {
      describe(prefix === "" ? "a whole bucket" : "a prefix", () => {
        objectConformance(s3Driver, async () => {
          if (!server) throw new Error(`${name} is not here`);
          const bucket = await testBucket(server, prefix);
          return { store: bucket.open(), remove: bucket.remove };
        });
      });
    }
  });
}
