/** An endless-if-need-be body from chunks, pulled as fast as the client reads; closed when it goes. */
export function download(
  chunks: AsyncIterable<string | Uint8Array>,
  file: { name: string; type: string },
): Response {
  const encoder = new TextEncoder();
  const iterator = chunks[Symbol.asyncIterator]();
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await iterator.next();
      if (done) controller.close();
      else controller.enqueue(typeof value === "string" ? encoder.encode(value) : value);
    },
    async cancel() {
      await iterator.return?.();
    },
  });
  // Quotes and control characters would end the header's value early.
  const safe = file.name.replace(/[^\p{L}\p{N}._-]+/gu, "-");
  return new Response(stream, {
    headers: {
      "content-type": file.type,
      "content-disposition": `attachment; filename="${safe.replace(/[^\x20-\x7e]/g, "_")}"; filename*=UTF-8''${encodeURIComponent(safe)}`,
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    },
  });
}
