import { download } from "@/lib/api/download";
import { route } from "@/lib/api/route";
import { getOperation } from "@/lib/services/operations/get";
import { downloadLines } from "@/lib/services/operations/lines";

/** The whole log as a text file. */
export const GET = route<{ operationId: string }>(async ({ actor, params }) => {
  const { title } = await getOperation(actor, params);
  return download(downloadLines(actor, params), { name: `${title}.log`, type: "text/plain; charset=utf-8" });
});
