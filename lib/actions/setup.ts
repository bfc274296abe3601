"use server";
import { headers } from "next/headers";
import { assertSameOrigin } from "@/lib/auth/origin";
import type { ActionResult } from "@/lib/schemas/action";
import type { SetUpInput } from "@/lib/schemas/user";
import { errorDto } from "@/lib/services/error-dto";
import { setUp as setUpService } from "@/lib/services/users/set-up";

/** Makes the first administrator. The one action without a session: the printed token stands for it. */
export async function setUp(input: SetUpInput): Promise<ActionResult<{ userId: string }>> {
  try {
    assertSameOrigin(await headers());
    return { ok: true, data: { userId: await setUpService(input) } };
  } catch (error) {
    return { ok: false, error: errorDto(error, "setUp") };
  }
}
