import { createHash, createHmac } from "node:crypto";
import type { TestServer } from "@/lib/stores/testing/server-file";

/** Temporary keys with exactly a policy: MinIO's AssumeRole, signed as AWS describes (Signature Version 4). */
export async function temporaryKeys(server: TestServer, policy: object) {
  const body = new URLSearchParams({
    Action: "AssumeRole",
    Version: "2011-06-15",
    DurationSeconds: "3600",
    Policy: JSON.stringify(policy),
  }).toString();
  const at = new Date().toISOString().replace(/[-:]|\.\d+/g, "");
  const day = at.slice(0, 8);
  const hash = createHash("sha256").update(body).digest("hex");
  const headers = {
    "content-type": "application/x-www-form-urlencoded",
    host: `${server.host}:${server.port}`,
    "x-amz-date": at,
  };
  const names = Object.keys(headers).join(";");
  const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`);
  const request = ["POST", "/", "", lines.join(""), names, hash].join("\n");
  const scope = `${day}/us-east-1/sts/aws4_request`;
  const toSign = ["AWS4-HMAC-SHA256", at, scope, createHash("sha256").update(request).digest("hex")].join(
    "\n",
  );
  const key = [day, "us-east-1", "sts", "aws4_request"].reduce<Buffer | string>(
    (secret, part) => createHmac("sha256", secret).update(part).digest(),
    `AWS4${server.password}`,
  );
  const signature = createHmac("sha256", key).update(toSign).digest("hex");
  const answer = await fetch(`http://${server.host}:${server.port}/`, {
    method: "POST",
    body,
    headers: {
      ...headers,
      authorization: `AWS4-HMAC-SHA256 Credential=${server.user}/${scope}, SignedHeaders=${names}, Signature=${signature}`,
    },
  });
  const text = await answer.text();
  const field = (name: string) => new RegExp(`<${name}>([^<]+)</${name}>`).exec(text)?.[1] ?? "";
  if (!answer.ok) throw new Error(`AssumeRole: ${answer.status} ${text}`);
  return {
    accessKey: field("AccessKeyId"),
    secretKey: field("SecretAccessKey"),
    sessionToken: field("SessionToken"),
  };
}
