import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { inspect } from "node:util";
import { expect, test } from "vitest";
import { redisConfigSchema } from "@/lib/stores/redis/config";
import { redisDriver } from "@/lib/stores/redis/store";

test("an error of a refused sign-in does not carry the password, however deep it is printed", async () => {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.on("data", () => socket.write("-WRONGPASS invalid username-password pair\r\n"));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const config = redisConfigSchema.parse({ host: "127.0.0.1", port, user: "me", password: "hunter2" });
  const store = redisDriver.open(config, { access: "read", name: "t", timeoutMs: 5_000, connections: 1 });
  const error: unknown = await store.check(AbortSignal.timeout(10_000)).catch((found: unknown) => found);
  expect(error).toMatchObject({ key: "redis.password" });
  expect(inspect(error, { depth: 20, showHidden: true })).not.toContain("hunter2");
  await store.close();
  server.close();
});
