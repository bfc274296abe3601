"use server";
import { headers } from "next/headers";
import { z } from "zod";
import { assertSameOrigin } from "@/lib/auth/origin";
import { createFirstAdmin } from "@/lib/auth/setup";
import type { ActionResult } from "@/lib/schemas/action";
import { createUserSchema } from "@/lib/schemas/user";
import { errorDto } from "@/lib/services/error-dto";
import { parse } from "@/lib/services/parse";

const setUpSchema = createUserSchema
  .omit({ role: true })
  .extend({ token: z.string().trim().min(1).max(200) });

/** Makes the first administrator. The one action without a session: the printed token stands for it. */
export async function setUp(input: z.input<typeof setUpSchema>): Promise<ActionResult<{ userId: string }>> {
  try {
    assertSameOrigin(await headers());
    return { ok: true, data: { userId: await createFirstAdmin(parse(setUpSchema, input)) } };
  } catch (error) {
    return { ok: false, error: errorDto(error, "setUp") };
  }
}
