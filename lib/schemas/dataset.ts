import { z } from "zod";

const column = z.string().min(1).nullable();

/** Which column plays which part. Null: the table has none. */
export const rolesSchema = z.object({
  key: z.array(z.string().min(1)),
  time: z
    .object({ column: z.string(), unit: z.enum(["timestamp", "timestamptz", "date", "s", "ms", "us"]) })
    .nullable(),
  tenant: column,
  user: column,
  status: column,
  model: column,
  tokens: column,
  /** What the search looks through, most important first: prompt before answer. */
  text: z.array(z.string()),
  /** Shown as prompt and answer in the record view. */
  prompt: column,
  answer: column,
});
export type Roles = z.infer<typeof rolesSchema>;

export const TIERS = ["hot", "archive", "cold"] as const;
export type Tier = (typeof TIERS)[number];

/** How a member of a family hangs on its parent. */
export const parentLinkSchema = z.object({ column: z.string(), parentColumn: z.string() });
export type ParentLink = z.infer<typeof parentLinkSchema>;
