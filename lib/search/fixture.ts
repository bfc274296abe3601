import { randomUUID } from "node:crypto";
import type { SegmentColumn } from "@/lib/segments/columns";
import { commitSegment } from "@/lib/segments/commit";
import { batchOf, bytes, column, vector, writerOptions } from "@/lib/segments/fixture";
import type { Manifest } from "@/lib/segments/segment";
import { createSidecarBuilder } from "@/lib/segments/sidecar";
import { createSegmentWriter } from "@/lib/segments/writer";
import type { ObjectAccess } from "@/lib/stores/store";
import type { ColdQuery } from "./cold-sql";

/** For tests: a small table of conversations, in segments and as plain objects. */
export interface Talk {
  id: number;
  atUs: bigint | null;
  user: string | null;
  model: string | null;
  prompt: string | null;
  answer: string | null;
}

export const TALK_COLUMNS: SegmentColumn[] = [
  { ...column("id", "int64", "bigint"), nullable: false },
  column("created_at", "timestamptz", "timestamp with time zone"),
  column("user_id", "text"),
  column("model", "text"),
  column("prompt", "text"),
  column("answer", "text"),
];

const orNull = (text: string | null): Uint8Array | null => (text === null ? null : bytes(text));

/** Writes and commits one segment of talks. */
export async function writeTalks(
  objects: ObjectAccess,
  scratchDir: string,
  talks: readonly Talk[],
  segmentId: string = randomUUID(),
): Promise<Manifest> {
  const textColumns = ["prompt", "answer"];
  const filters = { user: "user_id", model: "model" };
  const builder = createSidecarBuilder({ textColumns, filterRoles: Object.keys(filters) });
  const writer = await createSegmentWriter(
    writerOptions(scratchDir, {
      segmentId,
      dataset: { name: "talks", store: "test", schema: "public", table: "talks" },
      columns: TALK_COLUMNS,
      keyColumns: ["id"],
      time: { column: "created_at", unit: "timestamptz" },
      sidecar: { builder, textColumns, filters },
    }),
  );
  const columns = [
    talks.map(({ id }) => BigInt(id)),
    talks.map(({ atUs }) => atUs),
    talks.map(({ user }) => orNull(user)),
    talks.map(({ model }) => orNull(model)),
    talks.map(({ prompt }) => orNull(prompt)),
    talks.map(({ answer }) => orNull(answer)),
  ];
  await writer.append(batchOf(TALK_COLUMNS.map((shape, index) => vector(shape, columns[index] ?? []))));
  const written = await writer.finish();
  const { manifest } = await commitSegment(objects, written, AbortSignal.timeout(60_000));
  await written.discard();
  return manifest;
}

export const talkQuery = (changes: Partial<ColdQuery>): ColdQuery => ({
  terms: [],
  textColumns: ["prompt", "answer"],
  equals: [],
  fromUs: null,
  untilUs: null,
  after: null,
  limit: 50,
  columns: ["user_id", "model"],
  snippetChars: 240,
  ...changes,
});
