import { AppError } from "@/lib/errors";

/** The body as text. Throws `bad_input` as soon as more than `maxBytes` have come, whatever its header claims. */
export async function bodyText(request: Request, maxBytes: number): Promise<string> {
  if (Number(request.headers.get("content-length") ?? 0) > maxBytes) throw tooLarge(maxBytes);
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of request.body ?? []) {
    sizeBytes += chunk.byteLength;
    if (sizeBytes > maxBytes) throw tooLarge(maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

const tooLarge = (maxBytes: number) => {
  const limit = maxBytes >= 1 << 20 ? `${maxBytes >> 20} MB` : `${maxBytes >> 10} kB`;
  return new AppError("bad_input", `The body is larger than ${limit}. Nothing was done.`, {
    key: "tooLarge",
    details: { limit },
  });
};
