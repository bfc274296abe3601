import type { Named } from "@/lib/segments/gram-tables";

/** To the thread. Builders are told apart by a number; buffers change hands, they are not copied. */
export type GramRequest =
  | {
      kind: "rowGroup";
      builder: number;
      /** Texts, a NUL behind each. */
      texts: ArrayBuffer;
      textBytes: number;
      slots: Uint32Array<ArrayBuffer>;
    }
  | { kind: "finish"; builder: number; named: Named }
  | { kind: "abort"; builder: number };

/** From the thread: a row group is marked, and its buffer can be filled again; or the bytes of a sidecar. */
export type GramReply =
  | { kind: "marked"; builder: number; texts: ArrayBuffer }
  | { kind: "packed"; builder: number; bytes: Uint8Array<ArrayBuffer> };
