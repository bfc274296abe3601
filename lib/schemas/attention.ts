export const ATTENTION_KEYS = [
  "pastRetention",
  "storeSilent",
  "operationFailed",
  "operationPartial",
  "operationStalled",
  "segmentsMissing",
  "deadRows",
  "notAnalyzed",
  "neverAnalyzed",
  "writesDisabled",
  "diskLow",
  "noWorker",
  "noArchiveTarget",
] as const;
export type AttentionKey = (typeof ATTENTION_KEYS)[number];

/**
 * Something that needs a person. The title is `attention.<key>.title`, why it matters `attention.<key>.why`, the
 * button `attention.<key>.action`, each filled with `details`. `act`: now; `soon`: before it becomes `act`.
 */
export interface AttentionItem {
  /** Stable while the matter lasts: `<key>:<subject id>`. */
  attentionId: string;
  severity: "act" | "soon";
  key: AttentionKey;
  details: Record<string, string | number>;
  /** Page that shows the matter. */
  href: string;
  /** Page that mends it; the button leads there. Null: there is nothing to press, only to look at. */
  action: string | null;
  /** ISO instant since when, where known. */
  since: string | null;
}
