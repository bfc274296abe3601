import { parentPort } from "node:worker_threads";
import type { GramReply, GramRequest } from "@/lib/segments/gram-messages";
import { GramTables } from "@/lib/segments/gram-tables";

/** The thread that marks grams: a third of the CPU of an archive, beside everything else instead of before it. */
const builders = new Map<number, GramTables>();

const reply = (message: GramReply, buffer: ArrayBuffer) => parentPort?.postMessage(message, [buffer]);

function tablesOf(builder: number): GramTables {
  const tables = builders.get(builder) ?? new GramTables();
  builders.set(builder, tables);
  return tables;
}

parentPort?.on("message", (request: GramRequest) => {
  const { builder } = request;
  if (request.kind === "rowGroup") {
    const { texts, textBytes, slots } = request;
    tablesOf(builder).addRowGroup([new Uint8Array(texts, 0, textBytes)], slots);
    reply({ kind: "marked", builder, texts }, texts);
    return;
  }
  const tables = tablesOf(builder);
  builders.delete(builder);
  if (request.kind === "abort") return;
  const bytes = tables.pack(request.named);
  reply({ kind: "packed", builder, bytes }, bytes.buffer);
});
