import { JsonScanner, type Span } from "@/lib/stores/elasticsearch/json-scan";

/** One document as an answer holds it; its source is read when it is needed. */
export interface Hit {
  scanner: JsonScanner;
  index: string;
  id: string;
  routing: string | null;
  seqNo: string;
  primaryTerm: string;
  /** First sort value: the time, as the server orders by it; null when there is none. */
  tick: number | null;
  /** Null: not asked for, or not stored. */
  source: Span | null;
  highlight: Span | null;
}

export interface HitPage {
  hits: Hit[];
  pitId: string | null;
  scrollId: string | null;
}

/** The documents of an answer to `_search`. */
export function parseHits(bytes: Buffer): HitPage {
  const scanner = new JsonScanner(bytes);
  const page: HitPage = { hits: [], pitId: null, scrollId: null };
  scanner.object((name) => {
    if (name === "hits")
      scanner.object((inner) => {
        if (inner === "hits") scanner.array(() => page.hits.push(parseHit(scanner)));
        else scanner.skip();
      });
    else if (name === "pit_id") page.pitId = scanner.text();
    else if (name === "_scroll_id") page.scrollId = scanner.text();
    else scanner.skip();
  });
  return page;
}

/** The documents of an answer to `_mget`; those that are not there are left out. */
export function parseDocs(bytes: Buffer): Hit[] {
  const scanner = new JsonScanner(bytes);
  const hits: Hit[] = [];
  scanner.object((name) => {
    if (name === "docs")
      scanner.array(() => {
        const hit = parseHit(scanner);
        if (hit.source) hits.push(hit);
      });
    else scanner.skip();
  });
  return hits;
}

function parseHit(scanner: JsonScanner): Hit {
  const hit: Hit = {
    scanner,
    index: "",
    id: "",
    routing: null,
    seqNo: "",
    primaryTerm: "",
    tick: null,
    source: null,
    highlight: null,
  };
  scanner.object((name) => {
    if (name === "_index") hit.index = scanner.text();
    else if (name === "_id") hit.id = scanner.text();
    else if (name === "_routing") hit.routing = scanner.text();
    else if (name === "_seq_no") hit.seqNo = scanner.raw(scanner.skip());
    else if (name === "_primary_term") hit.primaryTerm = scanner.raw(scanner.skip());
    else if (name === "_source") hit.source = scanner.skip();
    else if (name === "highlight") hit.highlight = scanner.skip();
    else if (name === "sort") hit.tick = firstNumber(scanner);
    else scanner.skip();
  });
  return hit;
}

/** Milliseconds and the like: far below where a double ends to be exact. A missing value is the longest number there is. */
function firstNumber(scanner: JsonScanner): number | null {
  const found: (number | null)[] = [];
  scanner.array(() => {
    const value = Number(scanner.raw(scanner.skip()));
    found.push(Number.isSafeInteger(value) ? value : null);
  });
  return found[0] ?? null;
}

/** By the bytes of index and id, which is the order of every tier. */
export function compareKeys(a: readonly string[], b: readonly string[]): number {
  for (let at = 0; at < Math.max(a.length, b.length); at += 1) {
    const [left = "", right = ""] = [a[at], b[at]];
    if (left !== right) return Buffer.compare(Buffer.from(left), Buffer.from(right));
  }
  return 0;
}
