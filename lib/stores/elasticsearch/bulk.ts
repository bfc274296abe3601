import { setTimeout as pause } from "node:timers/promises";
import type { EsHandle } from "@/lib/stores/elasticsearch/client";
import { type ServerError, serverError } from "@/lib/stores/elasticsearch/errors";
import type { DocVersion } from "@/lib/stores/elasticsearch/versions";

/** One line or two of a bulk request. */
export interface BulkItem {
  action: "create" | "delete";
  index: string;
  id: string;
  routing: string | null;
  /** Of `create`; without line breaks. */
  source?: string;
  /** Of `delete`: only if the document is still this one. */
  version?: Pick<DocVersion, "seqNo" | "primaryTerm">;
}

export interface BulkResult {
  status: number;
  /** Where the item arrived: behind an alias or a stream, another name than was asked for. */
  index: string;
  seqNo: string;
  primaryTerm: string;
  error: ServerError | null;
}

/** Far below http.max_content_length (100 MB), so that an answer comes in time. */
const MOST_BYTES = 8 << 20;
const MOST_ITEMS = 5_000;
/** How often items that the server had no room for are sent again, and how long is waited before, doubling. */
const TRIES = 7;
const FIRST_PAUSE_MS = 100;

interface BulkAnswer {
  items: Record<
    string,
    { _index: string; status: number; _seq_no?: number; _primary_term?: number; error?: ServerError }
  >[];
}

/**
 * Sends items in requests of some megabytes and reads what became of each: an answer of 200 says nothing of them. What
 * the server had no room for (429) is sent again. In the order of the items.
 */
export async function bulk(
  handle: EsHandle,
  items: readonly BulkItem[],
  signal: AbortSignal,
): Promise<BulkResult[]> {
  const results: BulkResult[] = new Array(items.length);
  for (const part of parts(items)) {
    let open = part;
    for (let attempt = 0; open.length > 0; attempt += 1) {
      if (attempt > 0) await pause(FIRST_PAUSE_MS * 2 ** (attempt - 1), undefined, { signal });
      const answers = await send(
        handle,
        open.map(({ item }) => item),
        signal,
      );
      const again: typeof open = [];
      open.forEach((one, at) => {
        const answer = answers[at];
        if (!answer) throw serverError(502, "the answer has fewer items than the request");
        results[one.at] = answer;
        if (isBusy(answer) && attempt + 1 < TRIES) again.push(one);
      });
      open = again;
    }
  }
  return results;
}

/** No room at the moment. A block of the disk's flood stage is 429 too, and lasts. */
const isBusy = ({ status, error }: BulkResult): boolean =>
  status === 429 && error?.type !== "cluster_block_exception";

interface Placed {
  item: BulkItem;
  at: number;
}

function* parts(items: readonly BulkItem[]): Generator<Placed[]> {
  let part: Placed[] = [];
  let bytes = 0;
  for (const [at, item] of items.entries()) {
    const length = (item.source?.length ?? 0) + 200;
    if (part.length > 0 && (bytes + length > MOST_BYTES || part.length >= MOST_ITEMS)) {
      yield part;
      part = [];
      bytes = 0;
    }
    part.push({ item, at });
    bytes += length;
  }
  if (part.length > 0) yield part;
}

async function send(
  handle: EsHandle,
  items: readonly BulkItem[],
  signal: AbortSignal,
): Promise<BulkResult[]> {
  const lines = items.flatMap((item) => [
    actionLine(item),
    ...(item.source === undefined ? [] : [item.source]),
  ]);
  const answer = await handle.json<BulkAnswer>({
    method: "POST",
    path: "/_bulk?refresh=true",
    body: Buffer.from(`${lines.join("\n")}\n`),
    signal,
    changes: true,
  });
  return answer.items.map((item) => {
    const [result] = Object.values(item);
    return {
      status: result?.status ?? 500,
      index: result?._index ?? "",
      seqNo: String(result?._seq_no ?? ""),
      primaryTerm: String(result?._primary_term ?? ""),
      error: result?.error ?? null,
    };
  });
}

function actionLine({ action, index, id, routing, version }: BulkItem): string {
  const place = { _index: index, _id: id, ...(routing !== null && { routing }) };
  const head = JSON.stringify({ [action]: place });
  if (!version) return head;
  // Sequence numbers are 64 bits long: they go back as the digits they came as.
  return `${head.slice(0, -2)},"if_seq_no":${version.seqNo},"if_primary_term":${version.primaryTerm}}}`;
}
